import com.azure.core.http.HttpHeader;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelineNextSyncPolicy;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import reactor.core.publisher.Mono;

/** Every answer that the clients hear, in each try: a policy of theirs, as an app may give them. */
final class Heard implements HttpPipelinePolicy {
    private static final HttpHeaderName REQUEST_ID = HttpHeaderName.fromString("x-ms-client-request-id");

    private final List<Map<String, Object>> answers = new CopyOnWriteArrayList<>();

    /** All that was heard since this was asked last. */
    List<Map<String, Object>> take() {
        var heard = new ArrayList<>(answers);
        answers.clear();
        return heard;
    }

    @Override
    public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
        return next.process().doOnNext(answer -> hear(context.getHttpRequest(), answer));
    }

    @Override
    public HttpResponse processSync(HttpPipelineCallContext context, HttpPipelineNextSyncPolicy next) {
        var answer = next.processSync();
        hear(context.getHttpRequest(), answer);
        return answer;
    }

    private void hear(HttpRequest request, HttpResponse answer) {
        var headers = new LinkedHashMap<String, String>();
        for (HttpHeader header : answer.getHeaders()) {
            headers.put(header.getName(), header.getValue());
        }
        var heard = new LinkedHashMap<String, Object>();
        heard.put("status", answer.getStatusCode());
        heard.put("headers", headers);
        heard.put("requestId", request.getHeaders().getValue(REQUEST_ID));
        answers.add(heard);
    }
}
