import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.util.BinaryData;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.Map;
import reactor.core.publisher.Mono;

/** A credential of a client that an issuer of tokens knows. */
record Issuer(String name, String client) implements TokenCredential {
    @Override
    public Mono<AccessToken> getToken(TokenRequestContext asked) {
        var form = "grant_type=client_credentials&client_id=" + encoded(client)
            + "&scope=" + encoded(String.join(" ", asked.getScopes()));
        var request = HttpRequest.newBuilder(URI.create(name + "/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build();
        var answer = HttpClient.newHttpClient().sendAsync(request, BodyHandlers.ofString());
        return Mono.fromFuture(answer).map(got -> token(got.body()));
    }

    private static AccessToken token(String body) {
        Map<?, ?> said = BinaryData.fromString(body).toObject(Map.class);
        var lasts = (Integer) said.get("expires_in");
        return new AccessToken((String) said.get("access_token"), OffsetDateTime.now().plusSeconds(lasts));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
