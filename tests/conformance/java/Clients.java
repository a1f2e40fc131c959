import com.azure.communication.common.CommunicationIdentifier;
import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.identity.CommunicationIdentityClientBuilder;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.CommunicationUserIdentifierAndToken;
import com.azure.communication.identity.models.GetTokenForTeamsUserOptions;
import com.azure.communication.rooms.RoomsClientBuilder;
import com.azure.communication.rooms.models.CommunicationRoom;
import com.azure.communication.rooms.models.CreateRoomOptions;
import com.azure.communication.rooms.models.RoomParticipant;
import com.azure.communication.rooms.models.UpdateRoomOptions;
import com.azure.core.credential.AccessToken;
import java.time.Duration;
import java.util.List;

/** What can be asked of the two clients, whichever way they are called. */
interface Clients {
    CommunicationRoom createRoom(CreateRoomOptions options);

    CommunicationRoom getRoom(String roomId);

    CommunicationRoom updateRoom(String roomId, UpdateRoomOptions options);

    void deleteRoom(String roomId);

    /** The rooms of each page. */
    List<List<CommunicationRoom>> listRooms();

    List<RoomParticipant> listParticipants(String roomId);

    void addOrUpdateParticipants(String roomId, List<RoomParticipant> participants);

    void removeParticipants(String roomId, List<CommunicationIdentifier> participants);

    CommunicationUserIdentifier createUser();

    /** `lasts`: null is the service's own choice. */
    CommunicationUserIdentifierAndToken createUserAndToken(List<CommunicationTokenScope> scopes, Duration lasts);

    /** `lasts`: null is the service's own choice. */
    AccessToken getToken(CommunicationUserIdentifier user, List<CommunicationTokenScope> scopes, Duration lasts);

    void revokeTokens(CommunicationUserIdentifier user);

    void deleteUser(CommunicationUserIdentifier user);

    AccessToken getTokenForTeamsUser(GetTokenForTeamsUserOptions options);

    /** The clients that are called in this way: `sync` or `async`. */
    static Clients of(String way, RoomsClientBuilder rooms, CommunicationIdentityClientBuilder identities) {
        return way.equals("async")
            ? new AsyncClients(rooms.buildAsyncClient(), identities.buildAsyncClient())
            : new SyncClients(rooms.buildClient(), identities.buildClient());
    }
}
