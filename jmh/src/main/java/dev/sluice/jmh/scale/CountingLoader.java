// SPDX-License-Identifier: Apache-2.0
package dev.sluice.jmh.scale;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Loads the library and the simulation once more, with a counter at each method's entry and at each jump backwards, which
 * is how the compiler ends the round of a loop. So whatever would walk through all connections is seen, whether it makes
 * a system call for each or only looks at it. What the JDK does when it is called is not counted. Times are taken with
 * the classes as they are.
 */
final class CountingLoader extends ClassLoader {
    private static final String COUNTED = "dev.sluice.";
    private static final String NOT_COUNTED = "dev.sluice.jmh.";

    CountingLoader() {
        super(CountingLoader.class.getClassLoader());
    }

    /** Makes a trial out of the counting classes. */
    static Trial make(Class<? extends Trial> trial, int connections) throws ReflectiveOperationException {
        try {
            return (Trial) new CountingLoader()
                    .loadClass(trial.getName())
                    .getConstructor(int.class)
                    .newInstance(connections);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            return isOwn(name) ? define(name) : super.loadClass(name, resolve);
        }
    }

    // Trials use the library, so they are loaded next to it; what they tell about goes through the classes of the
    // parent.
    private static boolean isOwn(String name) {
        return name.startsWith(COUNTED) && !name.startsWith(NOT_COUNTED)
                || name.startsWith(Crowd.class.getName())
                || name.equals(SimulatedClients.class.getName())
                || name.startsWith(Deadlines.class.getName());
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] counting = name.startsWith(NOT_COUNTED) ? bytes : counting(bytes, name);
            return defineClass(name, counting, 0, counting.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] counting(byte[] bytes, String name) {
        ClassReader reader = new ClassReader(bytes);
        ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        String type = name.substring(COUNTED.length()).replaceAll("\\$.*", "");
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String method, String descriptor, String signature, String[] exceptions) {
                        return new CountingMethod(
                                super.visitMethod(access, method, descriptor, signature, exceptions),
                                Steps.number(type + "." + method));
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static final class CountingMethod extends MethodVisitor {
        private final int number;
        private final Set<Label> behind = new HashSet<>();

        CountingMethod(MethodVisitor to, int number) {
            super(Opcodes.ASM9, to);
            this.number = number;
        }

        @Override
        public void visitCode() {
            super.visitCode();
            count(2 * number);
        }

        @Override
        public void visitLabel(Label label) {
            behind.add(label);
            super.visitLabel(label);
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            if (behind.contains(label)) {
                count(2 * number + 1);
            }
            super.visitJumpInsn(opcode, label);
        }

        private void count(int index) {
            super.visitFieldInsn(Opcodes.GETSTATIC, Steps.class.getName().replace('.', '/'), "COUNTS", "[J");
            super.visitIntInsn(Opcodes.SIPUSH, index);
            super.visitInsn(Opcodes.DUP2);
            super.visitInsn(Opcodes.LALOAD);
            super.visitInsn(Opcodes.LCONST_1);
            super.visitInsn(Opcodes.LADD);
            super.visitInsn(Opcodes.LASTORE);
        }
    }
}
