package dev.sluice.interleaving;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Loads the classes of one package again. In some of them it inserts a call of {@link Interleavings#step} before each
 * access to a volatile field or an atomic object.
 */
public final class SteppingLoader extends ClassLoader {
    private final String packageName;
    private final Predicate<String> steps;
    private final Set<String> volatiles = ConcurrentHashMap.newKeySet();
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /**
     * @param steps tells for a class's simple name whether calls are inserted; its nested classes are treated the same
     */
    public SteppingLoader(ClassLoader parent, String packageName, Predicate<String> steps) {
        super(parent);
        this.packageName = packageName;
        this.steps = steps;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(packageName + ".") || name.indexOf('.', packageName.length() + 1) >= 0) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null) {
                byte[] bytes = bytes(name.replace('.', '/'));
                if (bytes == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] code = takesSteps(name) ? stepping(bytes) : bytes;
                loaded = defineClass(name, code, 0, code.length);
            }
            return loaded;
        }
    }

    private boolean takesSteps(String name) {
        String simple = name.substring(packageName.length() + 1);
        int nested = simple.indexOf('$');
        return steps.test(nested < 0 ? simple : simple.substring(0, nested));
    }

    private byte @Nullable [] bytes(String path) {
        try (InputStream in = getParent().getResourceAsStream(path + ".class")) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private byte[] stepping(byte[] bytes) {
        var reader = new ClassReader(bytes);
        var writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String descriptor, String signature, String[] exceptions) {
                        return new Stepping(super.visitMethod(access, name, descriptor, signature, exceptions));
                    }
                },
                0);
        return writer.toByteArray();
    }

    private boolean isVolatile(String owner, String field) {
        if (known.add(owner)) {
            byte[] bytes = bytes(owner);
            if (bytes != null) {
                new ClassReader(bytes)
                        .accept(
                                new ClassVisitor(Opcodes.ASM9) {
                                    @Override
                                    public @Nullable FieldVisitor visitField(
                                            int access,
                                            String name,
                                            String descriptor,
                                            String signature,
                                            Object value) {
                                        if ((access & Opcodes.ACC_VOLATILE) != 0) {
                                            volatiles.add(owner + '.' + name);
                                        }
                                        return null;
                                    }
                                },
                                ClassReader.SKIP_CODE);
            }
        }
        return volatiles.contains(owner + '.' + field);
    }

    private final class Stepping extends MethodVisitor {
        Stepping(MethodVisitor code) {
            super(Opcodes.ASM9, code);
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            if (isVolatile(owner, name)) {
                boolean writes = opcode == Opcodes.PUTFIELD || opcode == Opcodes.PUTSTATIC;
                step(simple(owner) + '.' + name + (writes ? " is set" : " is read"));
            }
            super.visitFieldInsn(opcode, owner, name, descriptor);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (owner.startsWith("java/util/concurrent/atomic/") && !name.equals("<init>")) {
                step(simple(owner) + '.' + name);
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        }

        private void step(String what) {
            super.visitLdcInsn(what);
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC,
                    "dev/sluice/interleaving/Interleavings",
                    "step",
                    "(Ljava/lang/String;)V",
                    false);
        }

        private static String simple(String owner) {
            return owner.substring(owner.lastIndexOf('/') + 1);
        }
    }
}
