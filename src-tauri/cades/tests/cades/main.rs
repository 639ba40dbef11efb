//! One binary. OpenSSL is the outside judge of what is made here, and the maker of what is judged here.

mod openssl;
mod sign;
