package dev.sluice.it;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** A JMX connection to another JVM of the same user on this machine. Any thread may call all methods. */
public final class Jmx implements AutoCloseable {
    /** The threads that exist because of this connection. */
    private static final String OBSERVERS =
            "RMI .*|JMX .*|Attach Listener|GC Daemon|Common-Cleaner|Signal Dispatcher|Notification Thread";

    /** Disables the periodic check whether the JVM is still there, which would log that it is not. */
    private static final Map<String, ?> QUIET = Map.of("jmx.remote.x.client.connection.check.period", 0L);

    /** The names of the full collections in HotSpot: of G1, the serial and the parallel collector. */
    private static final Set<String> FULL_COLLECTORS = Set.of("G1 Old Generation", "MarkSweepCompact", "PS MarkSweep");

    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private Jmx(JMXConnector connector) throws IOException {
        this.connector = connector;
        this.server = connector.getMBeanServerConnection();
    }

    @SuppressWarnings("BanJNDI") // The address comes from a process of our own.
    static Jmx attach(long pid) {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return new Jmx(
                        JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()), QUIET));
            } finally {
                machine.detach();
            }
        } catch (IOException | AttachNotSupportedException failure) {
            throw new AssertionError("Cannot look into process " + pid, failure);
        }
    }

    /** The names of all live threads, without those of this connection. */
    List<String> threads() {
        ThreadMXBean threads = bean(ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(Objects::nonNull)
                .map(ThreadInfo::getThreadName)
                .filter(name -> !name.matches(OBSERVERS))
                .sorted()
                .toList();
    }

    /** The used bytes of the heap after a collection. */
    public long heapAfterCollection() {
        MemoryMXBean memory = bean(ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** The bytes of direct buffers, which sockets are read into and written from. */
    long directBytes() {
        return bean("java.nio:type=BufferPool,name=direct", BufferPoolMXBean.class)
                .getMemoryUsed();
    }

    void collect() {
        bean(ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class).gc();
    }

    /** The number of full collections so far, with those by request. */
    public long fullCollections() {
        List<GarbageCollectorMXBean> full = collectors().stream()
                .filter(collector -> FULL_COLLECTORS.contains(collector.getName()))
                .toList();
        if (full.isEmpty()) {
            throw new AssertionError("Which collect the whole heap is not known of " + collectorNames());
        }
        return full.stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    /** The JVM's collectors. */
    public List<String> collectorNames() {
        return collectors().stream().map(GarbageCollectorMXBean::getName).toList();
    }

    /** CPU time that the process has used, in nanoseconds. */
    long cpuNanos() {
        return bean(ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME, com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    /** The number of reachable instances of the class with this full name. */
    int instances(String className) {
        String histogram = (String) invoke(
                "com.sun.management:type=DiagnosticCommand",
                "gcClassHistogram",
                new Object[] {new String[0]},
                String[].class.getName());
        return histogram
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length >= 4 && columns[3].equals(className))
                .mapToInt(columns -> Integer.parseInt(columns[1]))
                .sum();
    }

    /** The number of reachable class loaders that have loaded a class of this name. */
    int loaders(String className) {
        collect();
        String all = (String) invoke(
                "com.sun.management:type=DiagnosticCommand",
                "vmClassloaders",
                new Object[] {new String[] {"show-classes"}},
                String[].class.getName());
        return (int) all.lines()
                .filter(line -> line.strip().replaceAll("^[| +-]*", "").equals(className))
                .count();
    }

    /** The one bean that matches. */
    String find(String pattern) {
        try {
            Set<ObjectName> names = server.queryNames(new ObjectName(pattern), null);
            if (names.size() != 1) {
                throw new AssertionError("Not one bean matches " + pattern + " but " + names);
            }
            return names.iterator().next().getCanonicalName();
        } catch (IOException | JMException failure) {
            throw new AssertionError("Cannot find " + pattern, failure);
        }
    }

    Object invoke(String bean, String operation, Object[] arguments, String... types) {
        try {
            return server.invoke(new ObjectName(bean), operation, arguments, types);
        } catch (IOException | JMException failure) {
            throw new AssertionError("Cannot invoke " + operation + " of " + bean, failure);
        }
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException alreadyGone) {
            // The process has ended.
        }
    }

    private List<GarbageCollectorMXBean> collectors() {
        try {
            return ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class);
        } catch (IOException failure) {
            throw new AssertionError("Cannot see the collectors", failure);
        }
    }

    private <T> T bean(String name, Class<T> type) {
        try {
            return ManagementFactory.newPlatformMXBeanProxy(server, name, type);
        } catch (IOException failure) {
            throw new AssertionError("Cannot see " + name, failure);
        }
    }
}
