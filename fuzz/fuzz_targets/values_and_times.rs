#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::values_and_times);
