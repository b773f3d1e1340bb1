package dev.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.config.Secret;
import dev.sluice.config.Settings;
import dev.sluice.dialect.ModelList;
import dev.sluice.dialect.ProviderWords;
import dev.sluice.dialect.RequestDefaults;
import dev.sluice.dialect.anthropic.Messages;
import dev.sluice.dialect.anthropic.TokenCount;
import dev.sluice.dialect.openai.ChatCompletions;
import dev.sluice.dialect.openai.Embeddings;
import dev.sluice.dialect.openai.TextCompletions;
import dev.sluice.dialect.responses.Responses;
import dev.sluice.relay.UpstreamTimeouts;
import dev.sluice.simulator.SimulatedAnswer;
import dev.sluice.simulator.SimulatedDialect;
import dev.sluice.simulator.Simulator;
import dev.sluice.upstream.ApiKey;
import dev.sluice.upstream.HttpProvider;
import dev.sluice.upstream.ListRequest;
import dev.sluice.upstream.LocalAnswer;
import dev.sluice.upstream.LocalProvider;
import dev.sluice.upstream.Provider;
import java.util.Map;
import java.util.Objects;

/** Creates the provider for the settings of an upstream; does not start it. Any thread may call it. */
final class ProviderFactory {
    private final Common common;

    ProviderFactory(Common common) {
        this.common = common;
    }

    /** @param words removes the keys of all providers from messages */
    Provider create(Settings.Upstream upstream, RequestDefaults defaults, ProviderWords words) {
        Provider.Profile profile = profile(upstream, defaults);
        return upstream.simulator() ? simulator(profile, words) : http(upstream, profile, words);
    }

    private Provider.Profile profile(Settings.Upstream upstream, RequestDefaults defaults) {
        return new Provider.Profile(
                upstream.name(),
                upstream.maxStreams(),
                new UpstreamTimeouts(
                        upstream.connectTimeout(),
                        upstream.firstTokenTimeout(),
                        upstream.idleTimeout(),
                        upstream.tokenTimeout()),
                upstream.includeUsage(),
                upstream.finishReasonOptional(),
                defaults,
                Objects.requireNonNullElseGet(upstream.dialects(), common.dialects()::names));
    }

    private Provider http(Settings.Upstream upstream, Provider.Profile profile, ProviderWords words) {
        Secret key = upstream.key();
        return new HttpProvider(
                profile,
                upstream.url(),
                key == null ? null : apiKey(upstream.auth(), key.reveal()),
                listing(upstream.auth()),
                words,
                common.scheduler(),
                common.alarms(),
                common.log());
    }

    private static ApiKey apiKey(Settings.Auth auth, String key) {
        return switch (auth) {
            case BEARER -> ApiKey.bearer(key);
            case API_KEY -> ApiKey.plain(key);
        };
    }

    /** Anthropic lists twenty models unless asked for more, and demands its version there too. */
    private static ListRequest listing(Settings.Auth auth) {
        return switch (auth) {
            case BEARER -> ListRequest.PLAIN;
            case API_KEY -> new ListRequest("?limit=1000", Messages.VERSION);
        };
    }

    /** The simulator's pieces are due so often that the scheduler's thread would be busy, so other threads run its streams. */
    private Provider simulator(Provider.Profile profile, ProviderWords words) {
        Simulator simulator = new Simulator(common.alarms().on(common.threads()));
        ModelList models = ModelList.read(Simulator.modelList().getBytes(UTF_8), profile.name())
                .orElseThrow();
        return new LocalProvider(
                profile,
                words,
                common.alarms(),
                Map.of(
                        ChatCompletions.PATH,
                        body -> local(simulator.answer(SimulatedDialect.CHAT_COMPLETIONS, body)),
                        TextCompletions.PATH,
                        body -> local(simulator.answer(SimulatedDialect.COMPLETIONS, body)),
                        Responses.PATH,
                        body -> local(simulator.answer(SimulatedDialect.RESPONSES, body)),
                        Embeddings.PATH,
                        body -> local(simulator.answer(SimulatedDialect.EMBEDDINGS, body)),
                        Messages.PATH,
                        body -> local(simulator.answer(SimulatedDialect.MESSAGES, body)),
                        TokenCount.PATH,
                        body -> local(simulator.answer(SimulatedDialect.TOKEN_COUNT, body))),
                models);
    }

    private static LocalAnswer local(SimulatedAnswer answer) {
        return answer instanceof SimulatedAnswer.Refused refused
                ? new LocalAnswer.Refused(refused.status(), refused.retryAfter(), refused.json())
                : new LocalAnswer.Begun(((SimulatedAnswer.Begun) answer).upstream());
    }
}
