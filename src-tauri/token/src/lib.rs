//! PKCS#11 behind a helper process.
