#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::key_files);
