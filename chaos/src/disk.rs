//! A disk that is small enough to fill: memory, mounted as root, gone when dropped.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use vacancy_store::testing::TestFolder;

use crate::Trouble;
use crate::cluster::finish;

const BALLAST: &str = "ballast";

pub(crate) struct Disk(TestFolder);

impl Disk {
    pub(crate) fn mount(megabytes: u32) -> Result<Disk, Trouble> {
        let folder = TestFolder::new();
        let size = format!("size={megabytes}m,mode=0755");
        let mut mount = Command::new("mount");
        finish(mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()))?;
        Ok(Disk(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Not one byte is left; called again, what was freed meanwhile is gone, too.
    pub(crate) fn fill(&self) -> Result<(), Trouble> {
        let path = self.path().join(BALLAST);
        let mut file = File::options().create(true).append(true).open(path)?;
        for block in [&vec![0_u8; 65_536][..], &[0; 512], &[0]] {
            while file.write_all(block).is_ok() {}
        }
        Ok(())
    }

    pub(crate) fn free(&self) -> Result<(), Trouble> {
        Ok(std::fs::remove_file(self.path().join(BALLAST))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _seen_by_the_next_mount = finish(Command::new("umount").arg("-l").arg(self.path()));
    }
}
