using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text.Json;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;

namespace Osc.Cli.Audit;

/// <summary>Reads exports and archives of the audit log line by line, in bounded memory, and gives them to a verifier. Hashing is shared out among all processors.</summary>
/// <param name="before">What stands for the first records, where the lines begin after them: the peaks for a size, or null if nobody knows.</param>
internal sealed class LogLines(LogVerifier verifier, Func<long, CancellationToken, Task<IReadOnlyList<TreeHash>?>> before)
{
    private const int BatchLines = 4_096;

    private const int BatchBytes = 16 * 1024 * 1024;

    private const int BufferBytes = 256 * 1024;

    /// <summary>The two bytes that a gzip file begins with (RFC 1952).</summary>
    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <returns>What is wrong; null if nothing is.</returns>
    public async Task<string?> VerifyFileAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            var magic = new byte[GzipMagic.Length];
            var length = await stream.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancellation);
            stream.Position = 0;
            var isCompressed = length == magic.Length && magic.AsSpan().SequenceEqual(GzipMagic);
            return await VerifyAsync(isCompressed ? new GZipStream(stream, CompressionMode.Decompress) : stream, file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return $"{file}: {e.Message}";
        }
    }

    /// <param name="name">What errors call the lines.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public async Task<string?> VerifyAsync(Stream stream, string name, CancellationToken cancellation)
    {
        ArchiveHeader? header = null;
        var number = 0L;
        await foreach (var batch in ReadAsync(stream, cancellation))
        {
            var lines = batch;
            if (number == 0)
            {
                var error = ArchiveHeader.TryRead(lines[0], out header) ? verifier.Skip(header.First - 1, header.Peaks) : await SkipAsync(lines[0], cancellation);
                if (error is not null)
                {
                    return $"{name}: {error}";
                }

                number = header is null ? 0 : 1;
                lines = header is null ? lines : lines[1..];
            }

            if (Verify(lines, out var wrong) is { } problem)
            {
                return $"{name}:{number + wrong + 1}: {problem}";
            }

            number += lines.Count;
        }

        if (header is not null)
        {
            verifier.Continue(header.Proof);
        }

        return header is not null && verifier.Size != header.Last ? $"{name}: records {verifier.Size + 1} to {header.Last} are missing at its end" : null;
    }

    /// <summary>An export of a log of which the first records are archived begins after them.</summary>
    private async Task<string?> SkipAsync(byte[] first, CancellationToken cancellation)
    {
        if (verifier.Size > 0 || Hash(first) is not { Error: null, Line.Sequence: > 1 } hashed)
        {
            return null;
        }

        var size = hashed.Line.Sequence - 1;
        return await before(size, cancellation) is { } peaks ? verifier.Skip(size, peaks) : $"records 1 to {size} are missing: name their archives before it";
    }

    private string? Verify(List<byte[]> lines, out int wrong)
    {
        var hashed = new (VerifiedLine Line, string? Error)[lines.Count];
        Parallel.For(0, lines.Count, i => hashed[i] = Hash(lines[i]));
        for (wrong = 0; wrong < hashed.Length; wrong++)
        {
            if ((hashed[wrong].Error ?? verifier.Take(hashed[wrong].Line)) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private static (VerifiedLine Line, string? Error) Hash(byte[] line)
    {
        try
        {
            return (VerifiedLine.Of(line), null);
        }
        catch (JsonException e)
        {
            return (default, e.Message);
        }
    }

    private static async IAsyncEnumerable<List<byte[]>> ReadAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream, new(bufferSize: BufferBytes));
        var (lines, bytes) = (new List<byte[]>(), 0L);
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                Add(rest.Slice(0, end));
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (read.IsCompleted && !rest.IsEmpty)
            {
                Add(rest);
            }

            reader.AdvanceTo(read.IsCompleted ? read.Buffer.End : rest.Start, read.Buffer.End);
            if (lines.Count > 0 && (read.IsCompleted || lines.Count >= BatchLines || bytes >= BatchBytes))
            {
                yield return lines;
                (lines, bytes) = ([], 0);
            }

            if (read.IsCompleted)
            {
                await reader.CompleteAsync();
                yield break;
            }
        }

        void Add(ReadOnlySequence<byte> line)
        {
            lines.Add(line.ToArray());
            bytes += line.Length;
        }
    }
}
