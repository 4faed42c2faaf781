//! Goal: every page keeps the promises that all pages share, and can be looked at without a server.
//! Method: render each view from a sample; check the HTML; with `VACANCY_PREVIEW_DIR` set, write
//! pages, style sheet and pictures there, so that a browser can open them as files.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod samples_book;
mod samples_find;
mod samples_hotel;
mod samples_manage;
mod samples_staff;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vacancy_server::pages::{assets, pictures};

/// A page by name, rendered.
type Page = (&'static str, String);

fn all_pages() -> Vec<Page> {
    let mut pages = samples_find::pages();
    pages.extend(samples_book::pages());
    pages.extend(samples_manage::pages());
    pages.extend(samples_staff::pages());
    pages
}

#[test]
fn every_page_speaks_one_language_and_has_one_heading() {
    for (name, html) in all_pages() {
        assert_eq!(html.matches("<html lang=\"en\">").count(), 1, "{name}: language");
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one h1");
        assert_eq!(html.matches("<main id=\"main\"").count(), 1, "{name}: one main");
        assert!(html.contains("class=\"skip\" href=\"#main\""), "{name}: skip link");
        let title = between(&html, "<title>", "</title>");
        assert!(title.ends_with(" · Vacancy") && 12 < title.len(), "{name}: title {title:?}");
    }
}

#[test]
fn no_page_needs_script_or_inline_style_or_another_machine() {
    for (name, html) in all_pages() {
        for forbidden in
            ["<script", " style=", "<style", " onclick=", "javascript:", "http://", "//cdn"]
        {
            assert!(!html.contains(forbidden), "{name} contains {forbidden}");
        }
        assert!(!html.contains("https://"), "{name} names another machine");
    }
}

#[test]
fn every_field_has_a_label_and_every_id_is_used_once() {
    for (name, html) in all_pages() {
        let mut ids = BTreeSet::new();
        for id in attribute(&html, " id=\"") {
            assert!(ids.insert(id.to_owned()), "{name}: id {id} twice");
        }
        let labelled: BTreeSet<&str> = attribute(&html, " for=\"").collect();
        for tag in tags(&html, "<input").chain(tags(&html, "<select")) {
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let id = attribute(tag, " id=\"").next().unwrap_or_else(|| panic!("{name}: {tag}"));
            assert!(labelled.contains(id), "{name}: no label for {id}");
        }
        for target in labelled
            .iter()
            .copied()
            .chain(attribute(&html, " aria-describedby=\"").flat_map(str::split_whitespace))
        {
            assert!(ids.contains(target), "{name}: nothing has the id {target}");
        }
        for link in attribute(&html, " href=\"#") {
            assert!(ids.contains(link), "{name}: nothing at #{link}");
        }
    }
}

#[test]
fn every_picture_has_words_a_size_and_an_address_that_answers() {
    for (name, html) in all_pages() {
        for tag in tags(&html, "<img") {
            assert!(tag.contains(" alt=\""), "{name}: {tag}");
            assert!(tag.contains(" width=\"480\" height=\"320\""), "{name}: {tag}");
            let src = attribute(tag, " src=\"").next();
            let file_name = src.unwrap().strip_prefix("/pictures/").unwrap();
            assert!(pictures::find(file_name).is_some(), "{name}: {file_name}");
        }
    }
}

#[test]
fn nothing_a_guest_typed_becomes_markup() {
    let html = samples_book::details_with_hostile_input();
    assert!(!html.contains("<b>Bobby"), "markup went through");
    assert!(html.contains("&#60;b&#62;Bobby"), "the value is gone");
    assert!(!html.contains("\"><img"), "a value left its attribute");
}

#[test]
fn a_page_stays_light_on_a_bad_line() {
    for (name, html) in all_pages() {
        assert!(html.len() < 40_000, "{name}: {} bytes", html.len());
    }
}

#[test]
fn previews_are_written_when_a_folder_is_named() {
    let Some(folder) = std::env::var_os("VACANCY_PREVIEW_DIR") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets")).unwrap();
    fs::create_dir_all(folder.join("pictures")).unwrap();
    write(folder, assets::style_sheet_path(), assets::style_sheet());
    write(folder, assets::icon_path(), assets::ICON);
    for (name, html) in all_pages() {
        for tag in tags(&html, "<img") {
            let src = attribute(tag, " src=\"").next().unwrap();
            let picture = pictures::find(src.strip_prefix("/pictures/").unwrap()).unwrap();
            write(folder, src, &picture);
        }
        let local = html.replace("\"/assets/", "\"assets/").replace("\"/pictures/", "\"pictures/");
        fs::write(folder.join(format!("{name}.html")), local).unwrap();
    }
}

fn write(folder: &Path, path: &str, content: &str) {
    fs::write(folder.join(path.trim_start_matches('/')), content).unwrap();
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let from = text.find(start).unwrap() + start.len();
    &text[from..from + text[from..].find(end).unwrap()]
}

/// The values of an attribute, in order; `start` runs up to the opening quote.
fn attribute<'a>(html: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(start).skip(1).filter_map(|rest| rest.split('"').next())
}

fn tags<'a>(html: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(start).skip(1).filter_map(|rest| rest.split('>').next())
}
