// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.http.AcceptEncoding;
import dev.sluice.http.ByteRanges;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpTarget;
import dev.sluice.http.Validators;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;

/**
 * Serves a folder: types by name, {@code index.html}, ranges, entity tags and dates, and gzip for what becomes smaller,
 * from a file {@code NAME.gz} beside it if there is one. Files are read on the Reader's thread, which waits for the disk.
 *
 * <p>Try it with {@code curl -i http://127.0.0.1:7005/}.
 */
public final class FileServer implements HttpHandler {
    private static final String INDEX = "index.html";
    private static final int SMALLEST_COMPRESSED = 256; // smaller ones are sent as they are, in ranges too
    private static final int LARGEST_COMPRESSED = 64 << 10; // the Reader waits meanwhile

    private final Folder folder;
    private final boolean lists;

    /**
     * Makes a handler for a folder.
     *
     * @param lists whether a folder without {@code index.html} is answered with what is in it
     * @throws IOException if it is none
     */
    public FileServer(Path folder, boolean lists) throws IOException {
        this.folder = new Folder(folder);
        this.lists = lists;
    }

    /** A server of one folder, still to be started. */
    public static Server.Builder server(Endpoint endpoint, Path folder, boolean lists) throws IOException {
        return Server.builder().listen(endpoint, HttpProtocol.gathering(new FileServer(folder, lists)));
    }

    /**
     * A handler that answers what is asked of this folder at {@code prefix}, and leaves all else to another.
     *
     * @param prefix begins and ends with a slash, as it is sent: the folder {@code static} for {@code /static/}
     */
    public HttpHandler at(String prefix, HttpHandler others) {
        return (request, reply) -> {
            HttpHandler one = request.target().startsWith(prefix) ? this : others;
            one.handle(request, reply);
        };
    }

    @Override
    public void handle(HttpRequest request, HttpReply reply) throws IOException {
        String method = request.method();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            reply.status(method.equals("OPTIONS") ? 204 : 405)
                    .field("Allow", "GET, HEAD, OPTIONS")
                    .send();
            return;
        }
        Optional<HttpTarget> target = HttpTarget.of(request);
        if (target.isEmpty()) {
            reply.sendError(400, "a path that can't be decoded");
            return;
        }
        Optional<Path> found = folder.find(target.get());
        if (found.isEmpty()) {
            nothing(reply);
        } else if (Files.isDirectory(found.get())) {
            folder(request, reply, target.get(), found.get());
        } else if (isFolder(target.get()) || !Files.isRegularFile(found.get())) {
            nothing(reply);
        } else {
            file(request, reply, found.get());
        }
    }

    private static void nothing(HttpReply reply) {
        reply.sendError(404, "nothing here");
    }

    private static boolean isFolder(HttpTarget target) {
        List<String> segments = target.segments();
        return segments.get(segments.size() - 1).isEmpty();
    }

    private void folder(HttpRequest request, HttpReply reply, HttpTarget target, Path found) throws IOException {
        if (!isFolder(target)) { // so that links in the page mean what they should
            String query = target.query().isEmpty() ? "" : "?" + target.query();
            reply.status(301).field("Location", target + "/" + query).send();
            return;
        }
        Optional<Path> index = folder.inside(found, INDEX).filter(Files::isRegularFile);
        if (index.isPresent()) {
            file(request, reply, index.get());
        } else if (lists) {
            reply.send("text/html; charset=utf-8", Listing.of(found, target.toString()));
        } else {
            nothing(reply);
        }
    }

    private void file(HttpRequest request, HttpReply reply, Path path) throws IOException {
        String type = MediaTypes.of(path.getFileName().toString());
        boolean compressible = MediaTypes.isCompressible(type);
        if (compressible) {
            reply.field("Vary", "Accept-Encoding");
        }
        if (compressible && "gzip".equals(AcceptEncoding.preferred(request, "gzip", "identity"))) {
            Optional<Path> ready =
                    folder.beside(path, path.getFileName() + ".gz").filter(Files::isRegularFile);
            if (ready.isPresent()) {
                send(request, reply.field("Content-Encoding", "gzip"), ready.get(), type);
                return;
            }
            long size = Files.size(path);
            if (size >= SMALLEST_COMPRESSED && size <= LARGEST_COMPRESSED) {
                compress(request, reply, path, type);
                return;
            }
        }
        send(request, reply, path, type);
    }

    private static Validators validators(Path path, long size, boolean compressed) throws IOException {
        FileTime changed = Files.getLastModifiedTime(path);
        String tag = '"' + Long.toHexString(changed.toMillis()) + '-' + Long.toHexString(size) + '"';
        // What is compressed anew each time need not have the same bytes.
        return new Validators(compressed ? "W/" + tag : tag, changed.toInstant());
    }

    /** Writes the fields, and answers what the conditions decide. Returns whether that was all. */
    private static boolean isDone(HttpRequest request, HttpReply reply, Validators validators) {
        reply.field("ETag", validators.etag()).field("Last-Modified", validators.lastModifiedText());
        Validators.Outcome outcome = validators.judge(request);
        if (outcome != Validators.Outcome.PROCEED) {
            reply.status(outcome.status()).send();
            return true;
        }
        return false;
    }

    private static void compress(HttpRequest request, HttpReply reply, Path path, String type) throws IOException {
        if (isDone(request, reply, validators(path, Files.size(path), true))) {
            return;
        }
        reply.compress().send(type, ByteBuffer.wrap(Files.readAllBytes(path)));
    }

    private static void send(HttpRequest request, HttpReply reply, Path path, String type) throws IOException {
        FileChannel file;
        try {
            file = FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            nothing(reply); // gone meanwhile, or not for us
            return;
        }
        boolean given = false;
        try {
            long size = file.size();
            Validators validators = validators(path, size, false);
            reply.field("Accept-Ranges", "bytes");
            if (!isDone(request, reply, validators)) {
                Optional<ByteRanges> ranges = request.method().equals("GET") && validators.mayBeRanged(request)
                        ? ByteRanges.parse(request.field("Range"), size)
                        : Optional.empty();
                given = send(reply, file, type, size, ranges);
            }
        } finally {
            if (!given) {
                file.close();
            }
        }
    }

    /** Returns whether the file was given to somebody who closes it. */
    private static boolean send(HttpReply reply, FileChannel file, String type, long size, Optional<ByteRanges> asked) {
        List<ByteRanges.Range> ranges = asked.map(ByteRanges::ranges).orElse(List.of());
        if (asked.isEmpty()) {
            reply.send(type, file, 0, size);
        } else if (ranges.isEmpty()) {
            reply.status(416).field("Content-Range", "bytes */" + size).send();
            return false;
        } else if (ranges.size() == 1) {
            ByteRanges.Range range = ranges.get(0);
            reply.status(206).field("Content-Range", range.of(size)).send(type, file, range.position(), range.count());
        } else {
            PartsSending.begin(reply.status(206), type, file, ranges, size);
        }
        return true;
    }

    /** Lists and serves the folder that is the first argument, or this one, on port 7005. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length > 0 ? args[0] : ".");
        Server server = server(Endpoint.tcp("127.0.0.1", 7005), folder, true).start();
        System.out.println("listening on " + server.listeners().get(0));
    }
}
