//! The binary `vacancy`. Chooses the allocator and hands over to `cli`; nothing else stands here.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vacancy_server::cli::run()
}
