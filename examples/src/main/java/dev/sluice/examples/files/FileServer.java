// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples.files;

import dev.sluice.Endpoint;
import dev.sluice.Server;
import dev.sluice.http.AcceptEncoding;
import dev.sluice.http.ByteRanges;
import dev.sluice.http.HttpHandler;
import dev.sluice.http.HttpProtocol;
import dev.sluice.http.HttpReply;
import dev.sluice.http.HttpReplyFields;
import dev.sluice.http.HttpRequest;
import dev.sluice.http.HttpTarget;
import dev.sluice.http.Validators;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Serves a folder: types by name, {@code index.html}, ranges, entity tags and dates, and gzip for what becomes smaller,
 * from a file {@code NAME.gz} beside it if there is one. Files are read on the Reader's thread, which waits for the disk. The
 * last {@value #MOST_OPEN} that were asked for stay open.
 *
 * <p>Try it with {@code curl -i http://127.0.0.1:7005/}.
 */
public final class FileServer implements HttpHandler {
    private static final String INDEX = "index.html";
    private static final int SMALLEST_COMPRESSED = 256; // smaller ones are sent as they are, in ranges too
    private static final int LARGEST_COMPRESSED = 64 << 10; // the Reader waits meanwhile
    private static final int MOST_OPEN = 256;

    private static final HttpReplyFields VARY = HttpReplyFields.of("Vary", "Accept-Encoding");
    private static final HttpReplyFields RANGES = HttpReplyFields.of("Accept-Ranges", "bytes");

    private final OpenFiles files = new OpenFiles(MOST_OPEN);
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
        String name = name(request);
        OpenFile known = files.find(name);
        if (known == null) {
            search(request, reply, name);
        } else {
            file(request, reply, name, known);
        }
    }

    /** The path as it was sent. */
    private static String name(HttpRequest request) {
        String target = request.target();
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private void search(HttpRequest request, HttpReply reply, String name) throws IOException {
        Optional<HttpTarget> target = HttpTarget.of(request);
        if (target.isEmpty()) {
            reply.sendError(400, "a path that can't be decoded");
            return;
        }
        Optional<Path> path = folder.path(target.get());
        Optional<Path> real = path.flatMap(folder::real);
        if (real.isEmpty()) {
            nothing(reply);
        } else if (Files.isDirectory(real.get())) {
            folder(request, reply, name, target.get(), path.get());
        } else if (isFolder(target.get()) || !Files.isRegularFile(real.get())) {
            nothing(reply);
        } else {
            open(request, reply, name, path.get());
        }
    }

    private static void nothing(HttpReply reply) {
        reply.sendError(404, "nothing here");
    }

    private static boolean isFolder(HttpTarget target) {
        List<String> segments = target.segments();
        return segments.get(segments.size() - 1).isEmpty();
    }

    private void folder(HttpRequest request, HttpReply reply, String name, HttpTarget target, Path path)
            throws IOException {
        if (!isFolder(target)) { // so that links in the page mean what they should
            String query = target.query().isEmpty() ? "" : "?" + target.query();
            reply.status(301).field("Location", target + "/" + query).send();
        } else if (Files.isRegularFile(path.resolve(INDEX))) {
            open(request, reply, name, path.resolve(INDEX));
        } else if (lists) {
            reply.send("text/html; charset=utf-8", Listing.of(path, target.toString()));
        } else {
            nothing(reply);
        }
    }

    private void open(HttpRequest request, HttpReply reply, String name, Path path) throws IOException {
        String type = MediaTypes.of(path.getFileName().toString());
        OpenFile file = open(name, path, type, MediaTypes.isCompressible(type) ? VARY : null);
        if (file == null) {
            nothing(reply);
        } else {
            file(request, reply, name, file);
        }
    }

    /** Returns null if it isn't in the folder, is gone meanwhile, or isn't for us. */
    private OpenFile open(String name, Path path, String type, HttpReplyFields fields) {
        Optional<Path> real = folder.real(path);
        if (real.isEmpty()) {
            return null;
        }
        try {
            OpenFile file = OpenFile.open(path, real.get(), type, fields);
            files.keep(name, file);
            return file;
        } catch (IOException e) {
            return null;
        }
    }

    private void file(HttpRequest request, HttpReply reply, String name, OpenFile file) throws IOException {
        try {
            boolean compressible = MediaTypes.isCompressible(file.type());
            if (compressible && "gzip".equals(AcceptEncoding.preferred(request, "gzip", "identity"))) {
                compressed(request, reply, name, file);
            } else {
                sendOrNot(request, reply, file);
            }
        } finally {
            file.release();
        }
    }

    /** Answers a client that prefers gzip. */
    private void compressed(HttpRequest request, HttpReply reply, String name, OpenFile file) throws IOException {
        OpenFile ready = compressedBefore(name, file);
        if (ready != null) {
            try {
                sendOrNot(request, reply, ready);
            } finally {
                ready.release();
            }
        } else if (file.size() >= SMALLEST_COMPRESSED && file.size() <= LARGEST_COMPRESSED) {
            compress(request, reply, file);
        } else {
            sendOrNot(request, reply, file);
        }
    }

    private OpenFile compressedBefore(String name, OpenFile file) {
        Path path = file.asked().resolveSibling(file.asked().getFileName() + ".gz");
        if (!path.toFile().isFile()) { // without an exception
            return null;
        }
        String itsName = name + " gzip"; // which is no target's
        OpenFile known = files.find(itsName);
        return known != null ? known : open(itsName, path, file.type(), VARY.and("Content-Encoding", "gzip"));
    }

    private static void compress(HttpRequest request, HttpReply reply, OpenFile file) throws IOException {
        if (!isDone(request, reply.compress().fields(file.fields()), file)) {
            reply.send(file.type(), file.read());
        }
    }

    private static void sendOrNot(HttpRequest request, HttpReply reply, OpenFile file) {
        if (!isDone(request, reply.fields(file.fields()).fields(RANGES), file)) {
            send(request, reply, file);
        }
    }

    /** Answers what the conditions decide. Returns whether that was all. */
    private static boolean isDone(HttpRequest request, HttpReply reply, OpenFile file) {
        Validators.Outcome outcome = file.validators().judge(request);
        if (outcome != Validators.Outcome.PROCEED) {
            reply.status(outcome.status()).send();
            return true;
        }
        return false;
    }

    private static void send(HttpRequest request, HttpReply reply, OpenFile file) {
        String range = request.method().equals("GET") ? request.field("Range") : null;
        if (range != null && file.validators().mayBeRanged(request)) {
            Optional<ByteRanges> asked = ByteRanges.parse(range, file.size());
            if (asked.isPresent()) {
                send(reply, file, asked.get().ranges());
                return;
            }
        }
        send(reply, file, 0, file.size());
    }

    private static void send(HttpReply reply, OpenFile file, List<ByteRanges.Range> ranges) {
        if (ranges.isEmpty()) {
            reply.status(416).field("Content-Range", "bytes */" + file.size()).send();
        } else if (ranges.size() == 1) {
            ByteRanges.Range range = ranges.get(0);
            reply.status(206).field("Content-Range", range.of(file.size()));
            send(reply, file, range.position(), range.count());
        } else {
            file.retain();
            PartsSending.begin(reply.status(206), file, ranges);
        }
    }

    private static void send(HttpReply reply, OpenFile file, long position, long bytes) {
        file.retain();
        reply.send(file.type(), file.channel(), position, bytes, file.releasing());
    }

    /** Lists and serves the folder that is the first argument, or this one, on port 7005. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args.length > 0 ? args[0] : ".");
        Server server = server(Endpoint.tcp("127.0.0.1", 7005), folder, true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // SIGTERM and SIGINT: what is owed is sent
        System.out.println("listening on " + server.listeners().get(0));
    }
}
