using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Xunit;

namespace Osc.Audit.Tests.Checkpoints;

public sealed class SignedNoteTests
{
    private static readonly KeyRing Keys = KeyRing.Create("osc.example/log");

    private static readonly Checkpoint AtSeven = new("osc.example/log", 7, TreeHash.Empty);

    [Fact]
    public void Checkpoint_is_three_lines() =>
        Assert.Equal("osc.example/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", AtSeven.Text);

    [Theory]
    [InlineData("osc\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true)]
    [InlineData("osc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nan extension\n", true)]
    [InlineData("", false)]
    [InlineData("osc\n7\n", false)]
    [InlineData("osc\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false)]
    [InlineData("osc\n-7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false)]
    [InlineData("osc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n", false)]
    [InlineData("osc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false)]
    [InlineData("osc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nmore\n", false)]
    [InlineData("o sc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false)]
    [InlineData("o+sc\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false)]
    public void Checkpoint_is_read_or_refused(string text, bool isOne)
    {
        Assert.Equal(isOne, Checkpoint.TryParse(text, out var read));
        Assert.Equal(isOne, read is not null);
    }

    [Fact]
    public void Note_of_the_specification_is_read_and_printed_alike()
    {
        // The examples of C2SP's signed-note and tlog-checkpoint; their keys are of another type.
        const string sunset = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n" +
            "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
        const string sofa = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
            "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

        Assert.True(SignedNote.TryParse(sunset, out var read));
        Assert.Equal("Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n", read.Text);
        Assert.Equal(0x367ba04bu, Assert.Single(read.Signatures).KeyId);
        Assert.Equal(sunset, read.ToString());

        Assert.True(SignedNote.TryParse(sofa, out read));
        Assert.True(Checkpoint.TryParse(read.Text, out var checkpoint));
        Assert.Equal(20_852_163, checkpoint.Size);
        Assert.False(read.IsSignedBy(Keys.All));
    }

    [Fact]
    public void Signature_is_ecdsa_as_anybody_verifies_it()
    {
        var note = Keys.Sign(AtSeven);

        var signature = Assert.Single(note.Signatures);
        using var other = ECDsa.Create();
        other.ImportFromPem(PemEncoding.Write("PUBLIC KEY", Keys.Current.Public.Spki.AsSpan()));
        Assert.True(other.VerifyHash(SHA256.HashData(Encoding.UTF8.GetBytes(AtSeven.Text)), signature.Bytes.AsSpan(), DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Keys.Current.Public.Spki.AsSpan()))[..8], signature.KeyId.ToString("x8", null));
        Assert.Equal("osc.example/log", signature.Name);
    }

    [Fact]
    public void Note_is_verified_after_a_rotation_and_not_by_a_stranger()
    {
        var rotated = Keys.Rotate();
        var old = Keys.Sign(AtSeven);
        var fresh = rotated.Sign(AtSeven with { Size = 8 });

        Assert.True(old.IsSignedBy(rotated.All));
        Assert.True(fresh.IsSignedBy(rotated.All));
        Assert.False(fresh.IsSignedBy(Keys.All));
        Assert.False(old.IsSignedBy(KeyRing.Create("osc.example/log").All));
        Assert.False(old.IsSignedBy([]));
        Assert.Equal("osc.example/log", rotated.Origin);
    }

    [Fact]
    public void Signatures_of_strangers_do_not_count_for_or_against()
    {
        var note = Keys.Sign(AtSeven);
        var stranger = KeyRing.Create("another.example/witness").Sign(AtSeven);
        var both = note with { Signatures = [.. stranger.Signatures, .. note.Signatures] };

        Assert.True(both.IsSignedBy(Keys.All));

        // A signature under our key's name and id that is not ours spoils the note.
        var forged = note.Signatures[0] with { Bytes = stranger.Signatures[0].Bytes };
        Assert.False((both with { Signatures = [.. both.Signatures, forged] }).IsSignedBy(Keys.All));
    }

    [Fact]
    public void Every_changed_byte_is_found() => Gen.Select(Gen.Int[0, 10_000], Gen.Byte[1, 255]).Sample((at, flip) =>
    {
        var bytes = Encoding.UTF8.GetBytes(Keys.Sign(AtSeven).ToString());
        bytes[at % bytes.Length] ^= flip;

        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetString(bytes), out var note) && note.IsSignedBy(Keys.All));
    });

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n— name\n")]
    [InlineData("text\n\n— name AAAA\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("text\n\n— name AAAAAAAA")]
    [InlineData("te\rxt\n\n— name AAAAAAAA\n")]
    public void Something_else_is_no_note(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Fact]
    public void Endless_note_is_none() => Assert.False(SignedNote.TryParse(new string('a', SignedNote.MaxLength) + "\n\n— name AAAAAAAA\n", out _));
}
