#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::price_ticks);
