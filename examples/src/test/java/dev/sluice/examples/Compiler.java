// SPDX-License-Identifier: Apache-2.0
package dev.sluice.examples;

import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The compiler of the JDK that runs the tests, as strict as the build. */
final class Compiler {
    private Compiler() {}

    /** Compiles for Java 17, and returns what the compiler has to say: nothing if all is well. */
    static String compile(List<String> optionsAndFiles) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter output = new StringWriter();
        List<String> options = Stream.concat(Stream.of("--release", "17", "-Xlint:all"), optionsAndFiles.stream())
                .filter(option -> !option.endsWith(".java"))
                .toList();
        List<String> files = optionsAndFiles.stream()
                .filter(option -> option.endsWith(".java"))
                .toList();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            output, manager, null, options, null, manager.getJavaFileObjectsFromStrings(files))
                    .call();
            return compiled ? output.toString() : "error: " + output;
        }
    }
}
