using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;
using Osc.Cli.Audit;
using Xunit;

namespace Osc.Cli.Tests.Audit;

/// <summary>What somebody with an export or an archive can do to it, a thousand times each in random places, held against a checkpoint that is elsewhere.</summary>
public sealed class TamperingTests
{
    private const int Times = 1_000;

    private const int First = 11;

    private const int Last = 50;

    private const int Size = 60;

    private static readonly IReadOnlyList<AuditRecord> Log = [.. Enumerable.Range(1, Size).Select(n => new AuditRecord
    {
        Sequence = n,
        Time = DateTimeOffset.UnixEpoch.AddHours(n),
        Actor = $"actor-{n}",
        Action = AuditAction.DocumentUpdate,
        Reason = $"ticket {n}",
        After = $$"""{"n":{{n}}}""",
        Outcome = AuditRecord.Ok,
    })];

    private static readonly Checkpoint Held = CheckpointOf(Log);

    public static TheoryData<string> Tamperings => ["edit", "delete", "insert", "reorder", "truncate", "replace", "bytes"];

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task Export_that_was_tampered_with_is_found(string what)
    {
        var random = new Random(2);
        var lines = Log.Select(LineOf).ToList();
        Assert.Null(await VerifyAsync(Bytes(lines)));
        for (var i = 0; i < Times; i++)
        {
            Assert.NotNull(await VerifyAsync(what == "bytes" ? Flip(lines, random) : Bytes(Tamper(lines, what, random))));
        }
    }

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task Archive_that_was_tampered_with_is_found(string what)
    {
        var random = new Random(3);
        var lines = Log.Skip(First - 1).Take(Last - First + 1).Select(LineOf).ToList();
        Assert.Null(await VerifyAsync(Compress([HeaderOf(Log), .. lines])));
        for (var i = 0; i < Times; i++)
        {
            var archive = what switch
            {
                // Also the header, with hashes, proof and checkpoint of the log as the forger would have it, signed by a key of his.
                "replace" => Forge(random),
                "bytes" => FlipCompressed([HeaderOf(Log), .. lines], random),
                _ => Compress([HeaderOf(Log), .. Tamper(lines, what, random)]),
            };
            Assert.NotNull(await VerifyAsync(archive));
        }
    }

    private static byte[] Forge(Random random)
    {
        List<AuditRecord> forged = [.. Log];
        var at = random.Next(First - 1, Last);
        forged[at] = forged[at] with { Actor = "eve" };
        return Compress([HeaderOf(forged), .. forged.Skip(First - 1).Take(Last - First + 1).Select(LineOf)]);
    }

    private static List<string> Tamper(List<string> lines, string what, Random random)
    {
        List<string> tampered = [.. lines];
        var at = random.Next(lines.Count);
        var record = AuditJson.Read(Encoding.UTF8.GetBytes(lines[at]));
        switch (what)
        {
            case "edit":
                tampered[at] = LineOf(Edit(record, random));
                break;
            case "delete":
                tampered.RemoveRange(at, Math.Min(random.Next(1, 4), lines.Count - at));
                break;
            case "insert":
                tampered.Insert(at, LineOf(random.Next(2) == 0 ? record : Edit(record, random)));
                break;
            case "reorder":
                var other = (at + random.Next(1, lines.Count)) % lines.Count;
                (tampered[at], tampered[other]) = (tampered[other], tampered[at]);
                break;
            case "truncate":
                tampered.RemoveRange(at, lines.Count - at);
                break;
            default:
                // A record taken out and all others numbered anew, so that every line, and every hash made of them, is in order.
                tampered.RemoveAt(at);
                tampered = [.. tampered.Select((l, i) => LineOf(AuditJson.Read(Encoding.UTF8.GetBytes(l)) with { Sequence = i + 1 })), LineOf(record with { Sequence = lines.Count, Actor = "eve" })];
                break;
        }

        return tampered;
    }

    private static AuditRecord Edit(AuditRecord record, Random random) => random.Next(5) switch
    {
        0 => record with { Actor = "eve" },
        1 => record with { Time = record.Time.AddMicroseconds(-1) },
        2 => record with { After = """{"n":0}""" },
        3 => record with { Before = "{}" },
        _ => record with { Revision = new(7), Reason = "", Outcome = "failed" },
    };

    /// <summary>One letter or digit of a record's values is another. (White space between fields, and letters spelt as escapes, are the same record.)</summary>
    private static byte[] Flip(List<string> lines, Random random)
    {
        while (true)
        {
            var bytes = Bytes(lines);
            var at = random.Next(bytes.Length);
            if (char.IsAsciiLetterOrDigit((char)bytes[at]))
            {
                bytes[at] = bytes[at] == (byte)'7' ? (byte)'8' : (byte)'7';
                return bytes;
            }
        }
    }

    /// <summary>One byte of the file is another, and it no longer unpacks to the same lines. (Who made it and when, and the bits that fill its last byte up, are no part of them.)</summary>
    private static byte[] FlipCompressed(List<string> lines, Random random)
    {
        while (true)
        {
            var bytes = Compress(lines);
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            if (!Unpack(bytes).SequenceEqual(Bytes(lines)))
            {
                return bytes;
            }
        }
    }

    /// <returns>Nothing for what is no archive.</returns>
    private static byte[] Unpack(byte[] archive)
    {
        using var lines = new MemoryStream();
        try
        {
            using var unpacked = new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
            unpacked.CopyTo(lines);
            return lines.ToArray();
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private static async Task<string?> VerifyAsync(byte[] file)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, file);
            var verifier = new LogVerifier([Held]);
            return await new LogLines(verifier, (_, _) => Task.FromResult<IReadOnlyList<TreeHash>?>(null)).VerifyFileAsync(path, CancellationToken.None) ?? verifier.End();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string HeaderOf(IReadOnlyList<AuditRecord> log)
    {
        var tree = TreeOf(log);
        var checkpoint = CheckpointOf(log);
        return Json(new ArchiveHeader(First, Last, tree.Peaks(First - 1), KeyRing.Create(checkpoint.Origin).Sign(checkpoint).ToString(), tree.ProveConsistency(Last, log.Count)).Write);
    }

    private static Checkpoint CheckpointOf(IReadOnlyList<AuditRecord> log) => new("osc/test", log.Count, TreeOf(log).Root(log.Count));

    private static MerkleTree TreeOf(IReadOnlyList<AuditRecord> log)
    {
        var nodes = TreeGrowth.Append(0, [.. log.Select(AuditLeaf.HashOf)], _ => throw new InvalidOperationException("there is none yet"));
        return new(node => nodes[(int)node.Number]);
    }

    private static string LineOf(AuditRecord record) => Json(json => AuditJson.Write(json, record));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static byte[] Bytes(List<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));

    private static byte[] Compress(List<string> lines)
    {
        using var file = new MemoryStream();
        using (var compressed = new GZipStream(file, CompressionLevel.Fastest))
        {
            compressed.Write(Bytes(lines));
        }

        return file.ToArray();
    }
}
