#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::provider_sets);
