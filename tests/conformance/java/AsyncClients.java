import com.azure.communication.common.CommunicationIdentifier;
import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.identity.CommunicationIdentityAsyncClient;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.CommunicationUserIdentifierAndToken;
import com.azure.communication.identity.models.GetTokenForTeamsUserOptions;
import com.azure.communication.rooms.RoomsAsyncClient;
import com.azure.communication.rooms.models.CommunicationRoom;
import com.azure.communication.rooms.models.CreateRoomOptions;
import com.azure.communication.rooms.models.RoomParticipant;
import com.azure.communication.rooms.models.UpdateRoomOptions;
import com.azure.core.credential.AccessToken;
import java.time.Duration;
import java.util.List;

/** The clients that promise: what each of them promised is waited for here. */
record AsyncClients(RoomsAsyncClient rooms, CommunicationIdentityAsyncClient identities) implements Clients {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    @Override
    public CommunicationRoom createRoom(CreateRoomOptions options) {
        return rooms.createRoom(options).block(DEADLINE);
    }

    @Override
    public CommunicationRoom getRoom(String roomId) {
        return rooms.getRoom(roomId).block(DEADLINE);
    }

    @Override
    public CommunicationRoom updateRoom(String roomId, UpdateRoomOptions options) {
        return rooms.updateRoom(roomId, options).block(DEADLINE);
    }

    @Override
    public void deleteRoom(String roomId) {
        rooms.deleteRoom(roomId).block(DEADLINE);
    }

    @Override
    public List<List<CommunicationRoom>> listRooms() {
        return rooms.listRooms().byPage().map(page -> page.getValue()).collectList().block(DEADLINE);
    }

    @Override
    public List<RoomParticipant> listParticipants(String roomId) {
        return rooms.listParticipants(roomId).collectList().block(DEADLINE);
    }

    @Override
    public void addOrUpdateParticipants(String roomId, List<RoomParticipant> participants) {
        rooms.addOrUpdateParticipants(roomId, participants).block(DEADLINE);
    }

    @Override
    public void removeParticipants(String roomId, List<CommunicationIdentifier> participants) {
        rooms.removeParticipants(roomId, participants).block(DEADLINE);
    }

    @Override
    public CommunicationUserIdentifier createUser() {
        return identities.createUser().block(DEADLINE);
    }

    @Override
    public CommunicationUserIdentifierAndToken createUserAndToken(
        List<CommunicationTokenScope> scopes, Duration lasts) {
        var made = lasts == null
            ? identities.createUserAndToken(scopes)
            : identities.createUserAndToken(scopes, lasts);
        return made.block(DEADLINE);
    }

    @Override
    public AccessToken getToken(
        CommunicationUserIdentifier user, List<CommunicationTokenScope> scopes, Duration lasts) {
        var issued = lasts == null
            ? identities.getToken(user, scopes)
            : identities.getToken(user, scopes, lasts);
        return issued.block(DEADLINE);
    }

    @Override
    public void revokeTokens(CommunicationUserIdentifier user) {
        identities.revokeTokens(user).block(DEADLINE);
    }

    @Override
    public void deleteUser(CommunicationUserIdentifier user) {
        identities.deleteUser(user).block(DEADLINE);
    }

    @Override
    public AccessToken getTokenForTeamsUser(GetTokenForTeamsUserOptions options) {
        return identities.getTokenForTeamsUser(options).block(DEADLINE);
    }
}
