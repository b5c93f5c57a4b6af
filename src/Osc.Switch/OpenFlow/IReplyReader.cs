namespace Osc.Switch.OpenFlow;

/// <summary>Takes the messages that a switch sends while an exchange goes on.</summary>
internal interface IReplyReader
{
    /// <summary>Called for each message but echo, in the order of arrival, one at a time.</summary>
    /// <param name="message">Ends the exchange through <see cref="WireReader.Fail"/>, where it makes no sense.</param>
    void Read(MessageHeader header, ref WireReader message);

    /// <summary>No more messages will come.</summary>
    void Lose(ConnectionLostException reason);
}

/// <summary>The 8 bytes that every message begins with (OpenFlow 1.5.1 section 7.1.1).</summary>
/// <param name="Length">Of the whole message, header included.</param>
internal readonly record struct MessageHeader(byte Version, MessageType Type, ushort Length, uint Transaction)
{
    public static MessageHeader Read(ref WireReader reader) => new(reader.Byte(), (MessageType)reader.Byte(), reader.UInt16(), reader.UInt32());

    public static void Write(MessageBuffer to, MessageType type, uint transaction, int bodyBytes)
    {
        to.Byte(Protocol.Version);
        to.Byte((byte)type);
        to.UInt16((ushort)(Protocol.HeaderBytes + bodyBytes));
        to.UInt32(transaction);
    }
}
