#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::oracle_data);
