package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.naming.Binding;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import org.junit.jupiter.api.Test;

class JndiLayerTest {
    @Test
    void read_nestedAndFlatNames_areTheSameSettings() {
        Context root = context(Map.of(
                "upstream",
                context(Map.of("url", "http://a", "max-streams", 7)),
                "chat.model",
                "m",
                "heartbeat",
                "1s",
                "access",
                context(Map.of("open", true))));
        assertThat(JndiLayer.read(name -> name.equals("java:comp/env/sluice") ? root : null)
                        .values())
                .containsOnly(
                        Map.entry("sluice.upstream.url", "http://a"),
                        Map.entry("sluice.upstream.max-streams", "7"),
                        Map.entry("sluice.chat.model", "m"),
                        Map.entry("sluice.heartbeat", "1s"),
                        Map.entry("sluice.access.open", "true"));
    }

    @Test
    void read_families_keepTheSlashesOfAliases() {
        Context root = context(Map.of(
                "upstreams",
                context(Map.of("xai", context(Map.of("url", "https://api.x.ai/v1")), "b.url", "simulator:")),
                "models",
                context(Map.of(
                        "grok-4.3",
                        "xai/grok-4.3",
                        "openai",
                        context(Map.of("gpt-5", "b/gpt-5", "oss", context(Map.of("20b", "b/oss"))))))));
        assertThat(JndiLayer.read(name -> root).values())
                .containsOnly(
                        Map.entry("sluice.upstreams.xai.url", "https://api.x.ai/v1"),
                        Map.entry("sluice.upstreams.b.url", "simulator:"),
                        Map.entry("sluice.models.grok-4.3", "xai/grok-4.3"),
                        Map.entry("sluice.models.openai/gpt-5", "b/gpt-5"),
                        Map.entry("sluice.models.openai/oss/20b", "b/oss"));
    }

    @Test
    void read_groups_keepTheirSlashes() {
        Context root = context(Map.of(
                "groups",
                context(Map.of(
                        "research", context(Map.of("plan", "a")),
                        "team.plan", "b",
                        "org", context(Map.of("plan", context(Map.of("plan", "c")), "sub.plan", "d", "pln", "e")))),
                "groups.flat",
                context(Map.of("plan", "f"))));
        assertThat(JndiLayer.read(name -> root).values())
                .containsOnly(
                        Map.entry("sluice.groups.research.plan", "a"),
                        Map.entry("sluice.groups.team.plan", "b"),
                        Map.entry("sluice.groups.org/plan.plan", "c"),
                        Map.entry("sluice.groups.org/sub.plan", "d"),
                        Map.entry("sluice.groups.org.pln", "e"),
                        Map.entry("sluice.groups.flat.plan", "f"));
    }

    @Test
    void read_noJndiOrNothingOfOurs_isSilentlyEmpty() {
        assertEmpty(name -> {
            throw new NoInitialContextException();
        });
        assertEmpty(name -> {
            throw new NameNotFoundException(name);
        });
        assertEmpty(name -> null);
        assertEmpty(name -> "not a context");
    }

    @Test
    void read_nameBoundTwice_isAFault() {
        Map<String, Object> bindings = new LinkedHashMap<>();
        bindings.put("upstream.key", "s3cret");
        bindings.put("upstream", context(Map.of("key", "s3cret2")));
        Layer layer = JndiLayer.read(name -> context(bindings));
        assertThat(layer.fault()).contains("sluice.upstream.key is bound twice").doesNotContain("s3cret");
    }

    @Test
    void read_listingFails_isAFault() {
        Layer layer = JndiLayer.read(name -> failing());
        assertThat(layer.fault())
                .as("settings that may be there must not get lost")
                .contains("broken");
    }

    @Test
    void read_contextWithinItself_isAFault() {
        Map<String, Object> bindings = new LinkedHashMap<>();
        Context endless = context(bindings);
        bindings.put("again", endless);
        assertThat(JndiLayer.read(name -> endless).fault()).contains("the contexts contain each other");
    }

    private static void assertEmpty(JndiLayer.Lookup jndi) {
        Layer layer = JndiLayer.read(jndi);
        assertThat(layer.values()).isEmpty();
        assertThat(layer.fault()).isNull();
    }

    private static Context failing() {
        return (Context) Proxy.newProxyInstance(
                JndiLayerTest.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> {
                    throw new NamingException("broken");
                });
    }

    /** A context in which only the listing works. */
    static Context context(Map<String, Object> bindings) {
        return (Context) Proxy.newProxyInstance(
                JndiLayerTest.class.getClassLoader(), new Class<?>[] {Context.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("listBindings");
                    return new Listing(bindings.entrySet().iterator());
                });
    }

    private record Listing(Iterator<Map.Entry<String, Object>> entries) implements NamingEnumeration<Binding> {
        @Override
        public boolean hasMore() {
            return entries.hasNext();
        }

        @Override
        public Binding next() {
            Map.Entry<String, Object> entry = entries.next();
            return new Binding(entry.getKey(), entry.getValue());
        }

        @Override
        public void close() {}

        @Override
        public boolean hasMoreElements() {
            return hasMore();
        }

        @Override
        public Binding nextElement() {
            return next();
        }
    }
}
