//! Markdown as HTML: the course, which the library's documentation has too, and the pages of lints.

use pulldown_cmark::{html, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// The course. Its titles become those of the third level, below the title of the page's section.
pub fn html() -> String {
    let markdown = include_str!("../../../src/guide/cors.md");
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
            Event::Start(Tag::Heading { level: HeadingLevel::H3, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(HeadingLevel::H3)),
        event => event,
    });
    render(events)
}

/// A page of its own. The title and the text are the program's own, so nothing is escaped.
pub fn page(title: &str, markdown: &str) -> String {
    let text = render(Parser::new_ext(markdown, Options::ENABLE_TABLES));
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/style.css\"><main class=\"prose\">{text}</main></html>",
        title.replace('`', "")
    )
}

fn render<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut text = String::new();
    html::push_html(&mut text, events);
    text
}
