using System.Buffers.Binary;

namespace Osc.Store.Files;

/// <summary>
/// Looks in SQLite's write-ahead log for committed transactions that recovery would drop. Recovery goes through the frames up to the first whose checksum does not fit, and takes what
/// follows for a write that a power cut tore; it says nothing. A commit returns when the log is on the disk, and only then the next transaction begins. So a power cut tears
/// the last transaction alone: where a transaction ends after the frame that does not fit, and the frame of a next one goes on from there, what was acknowledged is damaged.
/// Source: https://sqlite.org/fileformat2.html, section 4; checksums go on from frame to frame, and each frame says its own.
/// </summary>
internal static class LogInspection
{
    private const int HeaderLength = 32;
    private const int FrameHeaderLength = 24;
    private const uint Magic = 0x377f0682;

    /// <param name="database">Its log may be missing. Nobody writes to it.</param>
    /// <returns>What is damaged, in words; null if nothing that was committed is.</returns>
    public static string? FindLoss(string database)
    {
        if (!File.Exists(database + "-wal") || PageSizeOf(database) is not { } pageSize)
        {
            return null;
        }

        using var file = new FileStream(database + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[HeaderLength];
        return file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength ? null : FindLoss(file, header, new byte[FrameHeaderLength + pageSize]);
    }

    private static string? FindLoss(FileStream file, byte[] header, byte[] frame)
    {
        var bigEndian = Word(header, 0) == (Magic | 1);
        var sum = (Word(header, 24), Word(header, 28));
        var isWhole = (Word(header, 0) & ~1u) == Magic && Checksum(default, header.AsSpan(0, 24), bigEndian) == sum;
        var (damaged, followsCommit) = (isWhole ? null : "the header", false);
        byte[]? salts = isWhole ? header[16..24] : null; // else those of the first frame
        for (var number = 1; file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            salts ??= frame[8..16];
            var isOfThisLog = frame.AsSpan(8, 8).SequenceEqual(salts);
            var said = (Word(frame, 16), Word(frame, 20));
            var fits = isOfThisLog && Checksum(Checksum(sum, frame.AsSpan(0, 8), bigEndian), frame.AsSpan(FrameHeaderLength), bigEndian) == said;
            if (damaged is not null && fits && followsCommit)
            {
                return $"{damaged} of its log, and there are committed changes after it";
            }

            // Of a frame whose header has the log's salts, the header is there, whatever became of the page.
            damaged ??= fits ? null : $"frame {number}";
            followsCommit = isOfThisLog && Word(frame, 4) != 0;
            sum = said;
        }

        return null;
    }

    /// <summary>Section 1.3.2.</summary>
    private static int? PageSizeOf(string database)
    {
        using var file = new FileStream(database, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var head = new byte[18];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(16)) is var said && said == 1 ? 65_536 : said;
        return size >= 512 && (size & (size - 1)) == 0 ? size : null;
    }

    /// <summary>The checksum of section 4.2: over words of four bytes, two at a time.</summary>
    private static (uint, uint) Checksum((uint First, uint Second) sum, ReadOnlySpan<byte> data, bool bigEndian)
    {
        var (first, second) = sum;
        for (var i = 0; i < data.Length; i += 8)
        {
            first += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(data[i..]) : BinaryPrimitives.ReadUInt32LittleEndian(data[i..])) + second;
            second += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(data[(i + 4)..]) : BinaryPrimitives.ReadUInt32LittleEndian(data[(i + 4)..])) + first;
        }

        return (first, second);
    }

    /// <summary>A word of a header, which are all big-endian.</summary>
    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
