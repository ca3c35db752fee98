#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| shoseki_foreign::enter("expression", data));
