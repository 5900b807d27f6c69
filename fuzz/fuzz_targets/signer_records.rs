#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::signer_records);
