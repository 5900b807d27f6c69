#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::markets_data);
