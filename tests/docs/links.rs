//! Every link leads somewhere, to the heading that it names, and every page is named by its index.

use std::path::Path;

use crate::{
    file,
    page::{Page, all},
};

/// A heading as its link is written: small letters, hyphens for blanks, no punctuation.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    for page in all() {
        let folder = Path::new(&page.path).parent().expect("a folder");
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.path.clone() } else { folder.join(path).display().to_string() };
            assert!(file(&target).exists(), "{}: {link} leads nowhere", page.path);
            if !fragment.is_empty() {
                let there = Page::read(&target).headings.iter().any(|(_, text)| anchor(text) == fragment);
                assert!(there, "{}: {link} names no heading there", page.path);
            }
        }
    }
}

#[test]
fn each_index_names_every_page_of_its_folder() {
    for (index, folder) in [("docs/index.md", "docs"), ("docs/es/index.md", "docs/es"), ("README.md", "docs")] {
        let index = Page::read(index);
        let base = Path::new(&index.path).parent().expect("a folder");
        let named: Vec<_> = index.links.iter().map(|link| base.join(link).display().to_string()).collect();
        for page in all().iter().filter(|page| Path::new(&page.path).parent() == Some(Path::new(folder))) {
            assert!(
                page.path == index.path || named.contains(&page.path),
                "{} does not name {}",
                index.path,
                page.path
            );
        }
    }
}

#[test]
fn a_spanish_page_leads_to_spanish_pages() {
    for page in all().iter().filter(|page| page.path.starts_with("docs/es/")) {
        for link in page.links.iter().filter_map(|link| link.strip_prefix("../")) {
            let name = link.split('#').next().unwrap_or_default();
            // The index alone leads back to the English one.
            let twin = file(&format!("docs/es/{name}"));
            let wanted = name == "index.md" && page.path == "docs/es/index.md";
            assert!(!name.ends_with(".md") || wanted || !twin.exists(), "{}: ../{link}", page.path);
        }
    }
}
