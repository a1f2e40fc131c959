import com.azure.communication.common.CommunicationIdentifier;
import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.identity.CommunicationIdentityClientBuilder;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.GetTokenForTeamsUserOptions;
import com.azure.communication.rooms.RoomsClientBuilder;
import com.azure.communication.rooms.models.CommunicationRoom;
import com.azure.communication.rooms.models.CreateRoomOptions;
import com.azure.communication.rooms.models.ParticipantRole;
import com.azure.communication.rooms.models.RoomParticipant;
import com.azure.communication.rooms.models.UpdateRoomOptions;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.BinaryData;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Drives the official Java SDKs, unchanged: a call in JSON on each line of stdin, its result on stdout, and with it
 * every answer that the SDK heard. `Driver sync|async` says which clients.
 */
public final class Driver {
    private final String way;
    private final Heard heard = new Heard();
    private Clients clients;

    private Driver(String way) {
        this.way = way;
    }

    public static void main(String[] arguments) throws IOException {
        var driver = new Driver(arguments[0]);
        var results = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        var calls = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (var line = calls.readLine(); line != null; line = calls.readLine()) {
            results.println(BinaryData.fromObject(driver.answer(map(parse(line)))));
        }
        // The client's own threads would keep the process.
        System.exit(0);
    }

    private Map<String, Object> answer(Map<String, Object> asked) {
        var said = new LinkedHashMap<String, Object>();
        try {
            said.put("ok", call((String) asked.get("do"), map(asked.get("with"))));
        } catch (HttpResponseException error) {
            said.put("error", refusal(error));
        }
        said.put("heard", heard.take());
        return said;
    }

    private Object call(String name, Map<String, Object> given) {
        var roomId = text(given, "roomId");
        return switch (name) {
            case "connect" -> connect(given);
            case "createRoom" -> told(clients.createRoom(newRoom(given)));
            case "getRoom" -> told(clients.getRoom(roomId));
            case "updateRoom" -> told(clients.updateRoom(roomId, change(given)));
            case "deleteRoom" -> done(() -> clients.deleteRoom(roomId));
            case "listRooms" -> pages();
            case "listParticipants" -> roster(roomId);
            case "addOrUpdateParticipants" -> done(
                () -> clients.addOrUpdateParticipants(roomId, participants(given)));
            case "removeParticipants" -> done(() -> clients.removeParticipants(roomId, identifiers(given)));
            case "createUser" -> clients.createUser().getId();
            case "createUserAndToken" -> userAndToken(given);
            case "getToken" -> clients.getToken(user(given), scopes(given), lifetime(given)).getToken();
            case "revokeTokens" -> done(() -> clients.revokeTokens(user(given)));
            case "deleteUser" -> done(() -> clients.deleteUser(user(given)));
            case "getTokenForTeamsUser" -> clients.getTokenForTeamsUser(new GetTokenForTeamsUserOptions(
                text(given, "token"), text(given, "appId"), text(given, "userId"))).getToken();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Object connect(Map<String, Object> given) {
        var rooms = new RoomsClientBuilder().addPolicy(heard);
        var identities = new CommunicationIdentityClientBuilder().addPolicy(heard);
        var connectionString = text(given, "connectionString");
        if (connectionString != null) {
            rooms.connectionString(connectionString);
            identities.connectionString(connectionString);
        } else {
            var credential = new Issuer(text(given, "issuer"), text(given, "client"));
            rooms.endpoint(text(given, "endpoint")).credential(credential);
            identities.endpoint(text(given, "endpoint")).credential(credential);
        }
        clients = Clients.of(way, rooms, identities);
        return null;
    }

    private List<List<String>> pages() {
        return clients.listRooms().stream()
            .map(page -> page.stream().map(CommunicationRoom::getRoomId).toList())
            .toList();
    }

    private List<List<String>> roster(String roomId) {
        return clients.listParticipants(roomId).stream()
            .map(one -> List.of(one.getCommunicationIdentifier().getRawId(), one.getRole().toString()))
            .toList();
    }

    private Object userAndToken(Map<String, Object> given) {
        var made = clients.createUserAndToken(scopes(given), lifetime(given));
        return List.of(made.getUser().getId(), made.getUserToken().getToken());
    }

    private static CreateRoomOptions newRoom(Map<String, Object> given) {
        var options = new CreateRoomOptions()
            .setValidFrom(moment(given, "validFrom"))
            .setValidUntil(moment(given, "validUntil"));
        return given.containsKey("participants") ? options.setParticipants(participants(given)) : options;
    }

    private static UpdateRoomOptions change(Map<String, Object> given) {
        return new UpdateRoomOptions()
            .setValidFrom(moment(given, "validFrom"))
            .setValidUntil(moment(given, "validUntil"));
    }

    private static List<RoomParticipant> participants(Map<String, Object> given) {
        var people = new ArrayList<RoomParticipant>();
        for (var one : (List<?>) given.get("participants")) {
            var who = new RoomParticipant(new CommunicationUserIdentifier(text(map(one), "rawId")));
            var role = text(map(one), "role");
            people.add(role == null ? who : who.setRole(ParticipantRole.fromString(role)));
        }
        return people;
    }

    private static List<CommunicationIdentifier> identifiers(Map<String, Object> given) {
        var people = new ArrayList<CommunicationIdentifier>();
        ((List<?>) given.get("participants")).forEach(
            rawId -> people.add(new CommunicationUserIdentifier((String) rawId)));
        return people;
    }

    private static CommunicationUserIdentifier user(Map<String, Object> given) {
        return new CommunicationUserIdentifier(text(given, "user"));
    }

    private static List<CommunicationTokenScope> scopes(Map<String, Object> given) {
        var scopes = new ArrayList<CommunicationTokenScope>();
        ((List<?>) given.get("scopes")).forEach(
            scope -> scopes.add(CommunicationTokenScope.fromString((String) scope)));
        return scopes;
    }

    private static Duration lifetime(Map<String, Object> given) {
        var minutes = (Integer) given.get("minutes");
        return minutes == null ? null : Duration.ofMinutes(minutes);
    }

    private static OffsetDateTime moment(Map<String, Object> given, String name) {
        var text = text(given, name);
        return text == null ? null : OffsetDateTime.parse(text);
    }

    private static Map<String, Object> told(CommunicationRoom room) {
        var told = new LinkedHashMap<String, Object>();
        told.put("id", room.getRoomId());
        told.put("createdAt", room.getCreatedAt().toString());
        told.put("validFrom", room.getValidFrom().toString());
        told.put("validUntil", room.getValidUntil().toString());
        return told;
    }

    /** What came back; the SDK shows each kind of error as another type, and all keep the answer. */
    private static Map<String, Object> refusal(HttpResponseException error) {
        var body = error.getResponse().getBodyAsString().block();
        var kept = map(map(parse(body)).get("error"));
        var details = new ArrayList<List<Object>>();
        for (var one : (List<?>) kept.getOrDefault("details", List.of())) {
            var detail = map(one);
            details.add(List.of(detail.get("code"), detail.get("message"), detail.get("target")));
        }
        var told = new LinkedHashMap<String, Object>();
        told.put("kind", error.getClass().getSimpleName());
        told.put("status", error.getResponse().getStatusCode());
        told.put("code", kept.get("code"));
        told.put("message", kept.get("message"));
        told.put("target", kept.get("target"));
        told.put("details", details);
        return told;
    }

    private static Object done(Runnable call) {
        call.run();
        return null;
    }

    private static Object parse(String json) {
        return BinaryData.fromString(json).toObject(Object.class);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static String text(Map<String, Object> given, String name) {
        return (String) given.get(name);
    }
}
