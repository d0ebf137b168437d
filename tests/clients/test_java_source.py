"""Files of Java have the imports that they use, and comments that Javadoc shows as meant."""

from __future__ import annotations

from tallystick.clients.java_source import tidy_java

FILE = """\
package shop;

import java.util.List;
import java.util.Map;
import java.time.OffsetDateTime;

/** A `List<Book>` of a & b; `{id}` and `{` too. */
public final class Books {
    /**
     * Reads them.
     *
     * <p>Of more than 5 < 6, as {@code all} does.
     */
    public List<Book> all() {
        String text = "`a` & b";
        return null;
    }
}
"""
TIDY = """\
package shop;

import java.util.List;

/** A {@code List<Book>} of a &amp; b; {@code {id}} and <code>{</code> too. */
public final class Books {
    /**
     * Reads them.
     *
     * <p>Of more than 5 &lt; 6, as {@code all} does.
     */
    public List<Book> all() {
        String text = "`a` & b";
        return null;
    }
}
"""


def test_idle_imports_go_and_code_is_code() -> None:
    assert tidy_java(FILE) == TIDY


def test_without_any_import_one_line_is_empty() -> None:
    assert (
        tidy_java("package a;\n\nimport b.C;\n\nclass D {\n}\n") == "package a;\n\nclass D {\n}\n"
    )
