using System.Net.Sockets;

namespace Osc.Lab.Frames;

/// <summary>Sees every frame on links of a namespace, whoever it is for, and counts the <see cref="FrameMark"/>s in them.</summary>
public sealed class FrameCapture : IAsyncDisposable
{
    private const int MaxFrameBytes = 65536 + 64;

    private readonly Socket socket;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly Dictionary<FrameMark, int> seen = [];
    private readonly Dictionary<FrameMark, TaskCompletionSource> awaited = [];
    private readonly Task reading;

    private FrameCapture(Socket socket)
    {
        this.socket = socket;
        reading = ReadAsync();
    }

    /// <param name="link">The link to listen on; null: all of the namespace.</param>
    public static FrameCapture Start(Netns netns, string? link = null) => new(LinkSocket.Open(netns, link));

    /// <summary>How many frames with a mark have come by.</summary>
    public int Count(FrameMark mark)
    {
        lock (gate)
        {
            return seen.GetValueOrDefault(mark);
        }
    }

    /// <summary>Waits until a frame with a mark has come by.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public Task UntilSeenAsync(FrameMark mark, TimeSpan patience)
    {
        lock (gate)
        {
            if (seen.ContainsKey(mark))
            {
                return Task.CompletedTask;
            }

            if (!awaited.TryGetValue(mark, out var source))
            {
                awaited[mark] = source = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return source.Task.WaitAsync(patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        socket.Dispose();
        stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[MaxFrameBytes];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, stop.Token);
                foreach (var mark in FrameMark.In(buffer.AsSpan(0, length)).Distinct())
                {
                    Note(mark);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private void Note(FrameMark mark)
    {
        lock (gate)
        {
            seen[mark] = seen.GetValueOrDefault(mark) + 1;
            if (awaited.Remove(mark, out var source))
            {
                source.SetResult();
            }
        }
    }
}
