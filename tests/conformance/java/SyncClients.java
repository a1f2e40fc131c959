import com.azure.communication.common.CommunicationIdentifier;
import com.azure.communication.common.CommunicationUserIdentifier;
import com.azure.communication.identity.CommunicationIdentityClient;
import com.azure.communication.identity.models.CommunicationTokenScope;
import com.azure.communication.identity.models.CommunicationUserIdentifierAndToken;
import com.azure.communication.identity.models.GetTokenForTeamsUserOptions;
import com.azure.communication.rooms.RoomsClient;
import com.azure.communication.rooms.models.CommunicationRoom;
import com.azure.communication.rooms.models.CreateRoomOptions;
import com.azure.communication.rooms.models.RoomParticipant;
import com.azure.communication.rooms.models.UpdateRoomOptions;
import com.azure.core.credential.AccessToken;
import java.time.Duration;
import java.util.List;

/** The clients that wait. */
record SyncClients(RoomsClient rooms, CommunicationIdentityClient identities) implements Clients {
    @Override
    public CommunicationRoom createRoom(CreateRoomOptions options) {
        return rooms.createRoom(options);
    }

    @Override
    public CommunicationRoom getRoom(String roomId) {
        return rooms.getRoom(roomId);
    }

    @Override
    public CommunicationRoom updateRoom(String roomId, UpdateRoomOptions options) {
        return rooms.updateRoom(roomId, options);
    }

    @Override
    public void deleteRoom(String roomId) {
        rooms.deleteRoom(roomId);
    }

    @Override
    public List<List<CommunicationRoom>> listRooms() {
        return rooms.listRooms().streamByPage().map(page -> page.getValue()).toList();
    }

    @Override
    public List<RoomParticipant> listParticipants(String roomId) {
        return rooms.listParticipants(roomId).stream().toList();
    }

    @Override
    public void addOrUpdateParticipants(String roomId, List<RoomParticipant> participants) {
        rooms.addOrUpdateParticipants(roomId, participants);
    }

    @Override
    public void removeParticipants(String roomId, List<CommunicationIdentifier> participants) {
        rooms.removeParticipants(roomId, participants);
    }

    @Override
    public CommunicationUserIdentifier createUser() {
        return identities.createUser();
    }

    @Override
    public CommunicationUserIdentifierAndToken createUserAndToken(
        List<CommunicationTokenScope> scopes, Duration lasts) {
        return lasts == null ? identities.createUserAndToken(scopes) : identities.createUserAndToken(scopes, lasts);
    }

    @Override
    public AccessToken getToken(
        CommunicationUserIdentifier user, List<CommunicationTokenScope> scopes, Duration lasts) {
        return lasts == null ? identities.getToken(user, scopes) : identities.getToken(user, scopes, lasts);
    }

    @Override
    public void revokeTokens(CommunicationUserIdentifier user) {
        identities.revokeTokens(user);
    }

    @Override
    public void deleteUser(CommunicationUserIdentifier user) {
        identities.deleteUser(user);
    }

    @Override
    public AccessToken getTokenForTeamsUser(GetTokenForTeamsUserOptions options) {
        return identities.getTokenForTeamsUser(options);
    }
}
