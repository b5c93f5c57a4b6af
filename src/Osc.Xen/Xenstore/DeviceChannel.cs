using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Osc.Xen.Xenstore;

/// <summary>
/// Linux's way from a domain to the xenstore server, /dev/xen/xenbus. A read of the device waits inside the kernel, where nothing but
/// a signal ends it; so a thread of its own waits in poll(2) for bytes and, at the same time, for a pipe that closes on
/// <see cref="Dispose"/>.
/// </summary>
internal sealed partial class DeviceChannel : IXenstoreChannel
{
    private const short PollIn = 1;
    private const int Forever = -1;
    private const int Interrupted = 4; // EINTR

    private readonly FileStream device;
    private readonly AnonymousPipeServerStream stop = new(PipeDirection.Out);
    private readonly Lock gate = new();
    private bool isClosed;
    private bool isReading;

    private DeviceChannel(FileStream device) => this.device = device;

    /// <summary>The kernel takes a message with its header into a buffer of <see cref="XenstoreLimits.Payload"/> bytes (xenbus_dev_frontend.c).</summary>
    public int MaxPayload => XenstoreLimits.Payload - MessageHeader.Size;

    /// <summary>
    /// The kernel queues a request's header with a pointer to the one buffer that it has for each open file (xs_send in xenbus_xs.c, xenbus_file_priv in
    /// xenbus_dev_frontend.c): a write that comes before the request went out puts its bytes under the header of the one before. xenstored 4.17 dies of what
    /// comes of that, a path without an end. An answer says that its request is out.
    /// </summary>
    public bool IsOneAtATime => true;

    /// <exception cref="IOException">There is no such device, or it cannot be opened.</exception>
    public static DeviceChannel Open(string path)
    {
        try
        {
            // Shared, or .NET would lock it; unbuffered, because a message is one write.
            return new(new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> bytes)
    {
        lock (gate)
        {
            if (isClosed)
            {
                return new(0);
            }

            isReading = true;
        }

        // What is there already needs no thread to wait for it.
        return Wait(0)
            ? new(Read(bytes.Span))
            : new(Task.Factory.StartNew(
                () =>
                {
                    Wait(Forever);
                    return Read(bytes.Span);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    /// <summary>The kernel queues the message and returns: see <see cref="IsOneAtATime"/>.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> message)
    {
        lock (gate)
        {
            if (isClosed)
            {
                throw new IOException("the connection was closed");
            }

            device.Write(message.Span);
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            stop.Dispose();
            if (!isReading)
            {
                Close();
            }
        }
    }

    /// <summary>Reads what is there, or ends the read when the channel was closed meanwhile: the reader is the last to need the handles.</summary>
    private int Read(Span<byte> bytes)
    {
        lock (gate)
        {
            isReading = false;
            if (!isClosed)
            {
                return device.Read(bytes);
            }

            Close();
            return 0;
        }
    }

    private void Close()
    {
        device.Dispose();
        stop.ClientSafePipeHandle.Dispose();
    }

    /// <summary>Waits until there is something to read or the channel is closed. Only while <see cref="isReading"/>, which keeps the handles.</summary>
    /// <returns>Whether one of them happened in time.</returns>
    private bool Wait(int milliseconds)
    {
        Span<PollEntry> entries =
        [
            new((int)device.SafeFileHandle.DangerousGetHandle(), PollIn, 0),
            new((int)stop.ClientSafePipeHandle.DangerousGetHandle(), PollIn, 0),
        ];
        int ready;
        while ((ready = Poll(entries, (nuint)entries.Length, milliseconds)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new IOException(Marshal.GetLastPInvokeErrorMessage());
            }
        }

        return ready > 0;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Span<PollEntry> entries, nuint count, int milliseconds);

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct PollEntry(int Descriptor, short Asked, short Returned);
}
