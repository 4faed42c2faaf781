//! Where the material of others lies that tests read and the project does not hold.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// A file of it, or a message that cannot be missed. A skip is a failure in CI.
pub(crate) fn read(name: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testkit");
    let path = folder.join(name);
    if !path.exists() {
        assert!(std::env::var_os("CI").is_none(), "no testkit at {}", path.display());
        // Not eprintln, which a passing test keeps to itself.
        let said = writeln!(std::io::stderr(), "SKIPPED: no testkit at {}", path.display());
        assert!(said.is_ok(), "a skip must be seen");
        return None;
    }
    let bytes = std::fs::read(&path).unwrap();
    if name.ends_with(".zst") { Some(zstd::decode_all(&bytes[..]).unwrap()) } else { Some(bytes) }
}

/// The files of a tape archive, by path.
pub(crate) fn unpacked(name: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    const BLOCK: usize = 512;
    let tape = read(name)?;
    let mut files = BTreeMap::new();
    let mut at = 0;
    while let Some(header) = tape.get(at..at + BLOCK).filter(|header| header[0] != 0) {
        let text = |from: usize, to: usize| {
            let field = header[from..to].split(|byte| *byte == 0).next().unwrap();
            std::str::from_utf8(field).unwrap().trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap();
        let (path, is_file) = (text(0, 100), matches!(header[156], b'0' | 0));
        at += BLOCK;
        if is_file {
            files.insert(path, tape[at..at + size].to_vec());
        }
        at += size.next_multiple_of(BLOCK);
    }
    Some(files)
}
