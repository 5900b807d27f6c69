#![no_main]

strobe_fuzz::libfuzzer!(strobe_fuzz::command_files);
