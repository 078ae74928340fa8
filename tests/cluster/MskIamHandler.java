import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Lets a broker's OAUTHBEARER listener accept tokens as MSK does: the server at the system property msk.verify decides. It
 * responds with 200 and "PRINCIPAL EXPIRY", in milliseconds since 1970, or with another status.
 */
public class MskIamHandler implements AuthenticateCallbackHandler {
  record Token(String value, String principalName, long lifetimeMs) implements OAuthBearerToken {
    @Override
    public Set<String> scope() {
      return Set.of();
    }

    @Override
    public Long startTimeMs() {
      return null;
    }
  }

  private final HttpClient client = HttpClient.newHttpClient();

  @Override
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {}

  @Override
  public void handle(Callback[] callbacks) {
    for (Callback callback : callbacks)
      if (callback instanceof OAuthBearerValidatorCallback validator) validator.token(verify(validator.tokenValue()));
  }

  private Token verify(String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(System.getProperty("msk.verify")))
            .POST(HttpRequest.BodyPublishers.ofString(token))
            .build();
    HttpResponse<String> response;
    try {
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    // The text is MSK's.
    if (response.statusCode() != 200) throw new SaslAuthenticationException("[" + UUID.randomUUID() + "]: Access denied");
    String[] words = response.body().split(" ");
    return new Token(token, words[0], Long.parseLong(words[1]));
  }

  @Override
  public void close() {}
}
