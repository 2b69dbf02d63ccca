// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.http.HttpErrorPage;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;

/** A page of what is in a folder. */
final class Listing {
    private static final int MOST = 10_000;

    private Listing() {}

    static String of(Path folder, String path) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (Folder.isName(name) && names.size() < MOST) {
                    names.add(Files.isDirectory(file) ? name + "/" : name);
                }
            }
        }
        StringBuilder page = new StringBuilder("<!DOCTYPE html><meta charset=utf-8><title>");
        page.append(HttpErrorPage.escape(path))
                .append("</title><h1>")
                .append(HttpErrorPage.escape(path))
                .append("</h1><ul>\n");
        for (String name : names) {
            page.append("<li><a href=\"./")
                    .append(encoded(name))
                    .append("\">")
                    .append(HttpErrorPage.escape(name))
                    .append("</a>\n");
        }
        return page.append("</ul>\n").toString();
    }

    private static String encoded(String name) {
        String plain = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        String encoded = URLEncoder.encode(plain, StandardCharsets.UTF_8).replace("+", "%20");
        return name.endsWith("/") ? encoded + "/" : encoded;
    }
}
