using System.Globalization;

namespace Osc.Switch.OpenFlow;

/// <summary>A switch's answer to a features request (OpenFlow 1.5.1 section 7.3.1).</summary>
internal readonly record struct Features(ulong DatapathId, byte Tables);

/// <summary>Reads a switch's hello and features.</summary>
internal sealed class Greeting : IReplyReader
{
    private readonly TaskCompletionSource<Features> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Features> Answer => answer.Task;

    public void Read(MessageHeader header, ref WireReader message)
    {
        switch (header.Type)
        {
            case MessageType.Hello when !Offers(header, ref message):
                message.Fail(string.Create(CultureInfo.InvariantCulture,
                    $"the switch does not speak OpenFlow 1.5 (its highest version byte is {header.Version}): it needs Open vSwitch 2.17 or later, with OpenFlow15 among the bridge's protocols"));
                break;
            case MessageType.Error:
                message.Fail($"the switch refused the greeting: {OpenFlowError.Read(ref message)}");
                break;
            case MessageType.FeaturesReply:
                var datapath = message.UInt64();
                message.Take(4);
                var tables = message.Byte();
                if (message.Error is null)
                {
                    answer.TrySetResult(new(datapath, tables));
                }

                break;
        }
    }

    public void Lose(ConnectionLostException reason)
    {
        answer.TrySetException(reason);

        // No news, where nobody waits any longer.
        _ = answer.Task.Exception;
    }

    /// <summary>Whether a hello offers our version: by its bitmap, or without one by being at least as high.</summary>
    private static bool Offers(MessageHeader header, ref WireReader message)
    {
        while (!message.IsEmpty)
        {
            var type = message.UInt16();
            var length = message.UInt16();
            var element = message.Part(length - 4);
            if (type == 1 && element.Left >= 4)
            {
                return (element.UInt32() & (1u << Protocol.Version)) != 0;
            }

            message.Take(Math.Min(-length & 7, message.Left));
        }

        return header.Version >= Protocol.Version;
    }
}
