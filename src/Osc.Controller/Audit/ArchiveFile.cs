using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Verification;
using Osc.Store.Files;

namespace Osc.Controller.Audit;

/// <summary>A compressed file of records: an <see cref="ArchiveHeader"/> and a line for each record, in gzip (RFC 1952).</summary>
internal static class ArchiveFile
{
    public static string NameOf(ArchiveHeader header) => FormattableString.Invariant($"audit-{header.First}-{header.Last}.ndjson.gz");

    /// <summary>Writes the file, reads it back and verifies it, and only then gives it its name. On return it survives a crash.</summary>
    /// <exception cref="IOException">The disk does not take it, or gives back something else.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public static (string Sha256, long Bytes) Write(string path, ArchiveHeader header, IEnumerable<AuditRecord> records)
    {
        var unfinished = path + ".new";
        try
        {
            return WriteUnfinished(unfinished, path, header, records);
        }
        catch
        {
            // On a full disk what is left of it would be in the way.
            File.Delete(unfinished);
            throw;
        }
    }

    private static (string Sha256, long Bytes) WriteUnfinished(string unfinished, string path, ArchiveHeader header, IEnumerable<AuditRecord> records)
    {
        using (var file = File.Create(unfinished))
        {
            using (var compressed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            {
                WriteLines(compressed, header, records);
            }

            file.Flush(flushToDisk: true);
        }

        if (Verify(unfinished, header) is { } error)
        {
            throw new IOException($"{unfinished}: what was written is not what is read: {error}");
        }

        using var written = File.OpenRead(unfinished);
        var sum = Convert.ToHexStringLower(SHA256.HashData(written));
        DurableMove.Do(unfinished, path, overwrite: true);
        return (sum, written.Length);
    }

    private static void WriteLines(Stream stream, ArchiveHeader header, IEnumerable<AuditRecord> records)
    {
        var line = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(line);
        header.Write(json);
        End();
        foreach (var record in records)
        {
            AuditJson.Write(json, record);
            End();
        }

        void End()
        {
            json.Flush();
            line.Write("\n"u8);
            stream.Write(line.WrittenSpan);
            line.ResetWrittenCount();
            json.Reset();
        }
    }

    /// <returns>What is wrong; null if nothing is.</returns>
    private static string? Verify(string path, ArchiveHeader header)
    {
        var checkpoint = SignedNote.TryParse(header.Checkpoint, out var note) && Checkpoint.TryParse(note.Text, out var parsed) ? parsed : null;
        if (checkpoint is null)
        {
            return "its checkpoint is none";
        }

        var verifier = new LogVerifier([checkpoint]);
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        if (text.ReadLine() is not { } first || !ArchiveHeader.TryRead(Encoding.UTF8.GetBytes(first), out var read) || verifier.Skip(read.First - 1, read.Peaks) is not null)
        {
            return "its first line";
        }

        while (text.ReadLine() is { } line)
        {
            if (verifier.Take(VerifiedLine.Of(Encoding.UTF8.GetBytes(line))) is { } error)
            {
                return error;
            }
        }

        verifier.Continue(read.Proof);
        return verifier.Size != header.Last ? $"it ends with record {verifier.Size}" : verifier.End();
    }
}
