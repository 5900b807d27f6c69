#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::flash_bets_data);
