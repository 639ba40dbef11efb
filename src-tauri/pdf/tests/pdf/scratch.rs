#[test]
fn many() {
    let rss = || {
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .filter(|l| l.starts_with("RssAnon") || l.starts_with("VmHWM"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for f in ["/tmp/pdfw/many.pdf", "/tmp/pdfw/many-objstm.pdf"] {
        println!("{} {}", f, rss());
        let t = std::time::Instant::now();
        let d = antin_pdf::Document::open(std::path::Path::new(f)).unwrap();
        println!("open {:?} {}", t.elapsed(), rss());
        let t = std::time::Instant::now();
        println!("{} {:?}", d.page_count().unwrap(), t.elapsed());
        let t = std::time::Instant::now();
        println!("{:?} {:?} {}", d.page(9000).unwrap().id, t.elapsed(), rss());
        let t = std::time::Instant::now();
        println!(
            "{:?} {:?} {}",
            d.page_ids().unwrap().len(),
            t.elapsed(),
            rss()
        );
    }
}
