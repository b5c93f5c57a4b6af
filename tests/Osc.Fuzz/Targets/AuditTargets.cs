using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;
using Osc.Cli.Audit;
using Osc.Fuzz.Engine;
using Osc.Model;

namespace Osc.Fuzz.Targets;

/// <summary>Exports, archives, checkpoints and keys of the audit log.</summary>
internal static class AuditTargets
{
    private const int Records = 6;

    private static readonly byte[][] Lines = [.. Enumerable.Range(1, Records).Select(LineOf)];

    private static readonly string Export = string.Concat(Lines.Select(l => Encoding.UTF8.GetString(l) + "\n"));

    private static readonly Checkpoint Held = HeldOf(Lines);

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "audit-records", Seeds = () => Lines, Run = ReadRecord },
        new() { Name = "audit-exports", Seeds = () => [Encoding.UTF8.GetBytes(Export), Archive()], Run = Verify, UsesThreads = true, AllocationFloor = 8 * 1024 * 1024 },
        new() { Name = "audit-checkpoints", MaxBytes = 2 * 1024, Seeds = Notes, Run = ReadNote },
    ];

    private static byte[] LineOf(int number) => Write(json => AuditJson.Write(json, new()
    {
        Sequence = number,
        Time = DateTimeOffset.UnixEpoch.AddYears(50).AddMicroseconds(number * 1234567L),
        Actor = "alice",
        Address = "192.0.2.7",
        RequestId = $"r-{number}",
        Action = AuditAction.DocumentUpdate,
        Tenant = "shop",
        Kind = "Policy",
        Name = "é€\"\\",
        Before = number % 2 == 0 ? null : """{"a":{"b":[1,2.50,null]}}""",
        After = number % 3 == 0 ? null : """{"a":"\u00e9"}""",
        Revision = new(number),
        Reason = "ticket 42",
        Outcome = AuditRecord.Ok,
    }));

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            write(json);
        }

        return stream.ToArray();
    }

    private static Checkpoint HeldOf(byte[][] lines)
    {
        var tree = new CompactTree();
        foreach (var line in lines)
        {
            tree.Append(VerifiedLine.Of(line).Leaf);
        }

        return new("osc", tree.Size, tree.Root);
    }

    /// <summary>The same records as an archive of all of them.</summary>
    private static byte[] Archive() =>
        [.. Write(json => new ArchiveHeader(1, Records, [], Held.Text, new(Records, Records, [])).Write(json)), (byte)'\n', .. Encoding.UTF8.GetBytes(Export)];

    private static IEnumerable<byte[]> Notes() => new[]
    {
        new SignedNote(Held.Text, [new("osc", 1, [1, 2, 3, 4])]).ToString(),
        Held.Text,
        Keys()[0],
        $"{Keys()[1]}\n{Keys()[0]}\n",
        Held.Root.ToString(),
    }.Select(Encoding.UTF8.GetBytes);

    /// <summary>A public key, and the secret of which everybody knows it: the corpus means the same in every run.</summary>
    private static string[] Keys()
    {
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. Enumerable.Repeat((byte)7, 32)] });
        var key = new PublicKey("osc", ecdsa.ExportSubjectPublicKeyInfo().ToValueList());
        return [key.ToString(), $"PRIVATE+KEY+osc+{key.Id:x8}+{Convert.ToBase64String([2, .. ecdsa.ExportPkcs8PrivateKey()])}"];
    }

    private static string ReadRecord(byte[] input)
    {
        AuditRecord record;
        try
        {
            record = AuditJson.Read(input);
        }
        catch (JsonException e)
        {
            return Shape.Of(e.Message);
        }

        var again = AuditJson.Read(Write(json => AuditJson.Write(json, record)));
        Oracle.Same(record, again, "a record that was written is the same record");
        Oracle.Same(AuditLeaf.HashOf(record), AuditLeaf.HashOf(again), "the same record has the same leaf hash");
        return $"taken, {record.Before is null}, {record.After is null}";
    }

    /// <summary>An export that is verified says what the checkpoint was of, record by record.</summary>
    private static string Verify(byte[] input)
    {
        var verifier = new LogVerifier([Held]);
        var lines = new LogLines(verifier, static (_, _) => Task.FromResult<IReadOnlyList<TreeHash>?>(null));
        var error = lines.VerifyAsync(new MemoryStream(input), "export", CancellationToken.None).GetAwaiter().GetResult() ?? verifier.End();
        if (error is not null)
        {
            return Shape.Of(error);
        }

        var leaves = Shape.Text(input).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes).Where(l => !ArchiveHeader.TryRead(l, out _)).Select(l => VerifiedLine.Of(l)).ToArray();
        var isWhole = leaves.Length >= Records && leaves.Take(Records).SequenceEqual(Lines.Select(l => VerifiedLine.Of(l)));
        Oracle.Holds(isWhole || ArchiveHeader.TryRead(input.AsSpan(0, Math.Max(0, input.AsSpan().IndexOf((byte)'\n'))), out _), "only the log of the checkpoint is verified");
        return string.Create(CultureInfo.InvariantCulture, $"verified, {leaves.Length}");
    }

    private static string ReadNote(byte[] input)
    {
        var text = Shape.Text(input);
        var taken = new StringBuilder();
        if (SignedNote.TryParse(text, out var note))
        {
            Oracle.Same(text, note.ToString(), "a note has one text");
            note.IsSignedBy([]);
            taken.Append("note ");
        }

        if (Checkpoint.TryParse(note?.Text ?? text, out var checkpoint))
        {
            Oracle.Holds(Checkpoint.TryParse(checkpoint.Text, out var again) && again == checkpoint, "a printed checkpoint is the same");
            taken.Append("checkpoint ");
        }

        if (PublicKey.TryParse(text, out var key))
        {
            Oracle.Same(text, key.ToString(), "a key has one text");
            key.Verifies("x", [1, 2, 3]);
            taken.Append("key ");
        }

        if (KeyRing.TryParse(text, out var ring, out var error))
        {
            Oracle.Holds(KeyRing.TryParse(ring.Print(), out var again, out _) && again.All.SequenceEqual(ring.All), "printed keys are the same");
        }

        Oracle.Holds(ring is not null || error is not null, "keys or an error");
        TreeHash.TryParse(text, out _);
        HeldCheckpoint.TryParse(text, out _);
        return taken.Append(Shape.Of(error ?? "ring")).ToString();
    }
}
