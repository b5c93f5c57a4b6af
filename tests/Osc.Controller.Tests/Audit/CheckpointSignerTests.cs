using System.Runtime.Versioning;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Controller.Audit;
using Osc.Controller.Hosting;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Audit;

public sealed class CheckpointSignerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
    private readonly ManualTime time = new();
    private PolicyStore store;

    public CheckpointSignerTests() => store = PolicyStore.Open(StorePath, time);

    private string StorePath => Path.Combine(directory.FullName, "osc.db");

    private string KeyPath => KeyFile.PathBeside(StorePath);

    public void Dispose()
    {
        store.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Checkpoint_is_signed_anew_when_the_log_has_grown_and_kept()
    {
        var signer = Signer();
        var empty = signer.Current();
        Append(3);
        var three = signer.Current();

        Assert.Equal((0, 3), (empty.Checkpoint.Size, three.Checkpoint.Size));
        Assert.Same(three, signer.Current());
        Assert.Equal(three.Note, store.FindLastCheckpoint()!.Note);
        Assert.Equal(three, Signer().Current());
    }

    [Fact]
    public void Recent_one_is_good_enough_for_some()
    {
        var signer = Signer();
        var first = signer.Recent(TimeSpan.FromSeconds(10));
        Append(1);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Same(first, signer.Recent(TimeSpan.FromSeconds(10)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, signer.Recent(TimeSpan.FromSeconds(10)).Checkpoint.Size);
    }

    [Fact]
    public void Recent_one_of_before_the_clock_was_set_back_is_not_good_enough()
    {
        var signer = Signer();
        signer.Recent(TimeSpan.FromSeconds(10));
        Append(1);
        time.Set(TimeSpan.FromHours(-1));
        Assert.Equal(1, signer.Recent(TimeSpan.FromSeconds(10)).Checkpoint.Size);
    }

    [Fact]
    public void Log_that_is_not_the_one_that_was_signed_is_not_signed()
    {
        Append(3);
        Signer().Current();

        // A store that was put back from a backup, or made anew.
        store.Dispose();
        File.Delete(StorePath);
        store = PolicyStore.Open(StorePath, time);
        Append(2);
        var keys = KeyFile.Load(KeyPath, wasSigned: true);
        var claimed = new Checkpoint(keys.Origin, 3, TreeHash.Empty);
        store.AppendCheckpoint(new(Start, 3, keys.Sign(claimed).ToString()));

        Assert.Contains("has 2 records, and a checkpoint of 3 was signed", Assert.Throws<RewrittenLogException>(() => Signer().Current()).Message, StringComparison.Ordinal);
        Append(5);
        Assert.Contains("up to record 3 is not the one that was signed", Assert.Throws<RewrittenLogException>(() => Signer().Current()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_that_is_gone_is_not_made_anew_unasked() => Assert.Contains(
        "osc audit new-key", Assert.Throws<StartupException>(() => KeyFile.Load(KeyPath, wasSigned: true)).Message, StringComparison.Ordinal);

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Key_is_made_once_and_only_for_its_owner()
    {
        var first = KeyFile.Load(KeyPath, wasSigned: false);

        Assert.Equal(first.Current.Print(), KeyFile.Load(KeyPath, wasSigned: true).Current.Print());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<StartupException>(() => KeyFile.Load(KeyPath, wasSigned: true)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be used", Assert.Throws<StartupException>(() => KeyFile.Load(Path.Combine(directory.FullName, "no", "key"), wasSigned: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_rotation_the_new_key_signs_and_the_log_says_so()
    {
        Append(3);
        var old = Signer().Current();
        var rotated = KeyFile.Load(KeyPath, wasSigned: true).Rotate();
        File.WriteAllText(KeyPath, rotated.Print());

        var signer = Signer();
        var fresh = signer.Current();

        Assert.True(SignedNote.TryParse(old.Note, out var oldNote) && oldNote.IsSignedBy(signer.Keys.All));
        Assert.True(SignedNote.TryParse(fresh.Note, out var freshNote) && freshNote.IsSignedBy([signer.Keys.Current.Public]));
        var recorded = store.QueryAudit(new() { Action = AuditAction.AuditKey, Ascending = true }).Items;
        Assert.Equal(rotated.All.Reverse().Select(k => k.ToString()), recorded.Select(r => r.After![8..^2].Replace("\\u002B", "+", StringComparison.Ordinal)));
        Assert.Equal(5, fresh.Checkpoint.Size);
        Signer();
        Assert.Equal(5, store.AuditTree.Size); // recorded once
    }

    private CheckpointSigner Signer()
    {
        var signer = new CheckpointSigner(store, KeyFile.Load(KeyPath, store.FindLastCheckpoint() is not null), time);
        signer.RecordKeys();
        return signer;
    }

    private void Append(int records) =>
        store.AppendAudit([.. Enumerable.Range(0, records).Select(i => new AuditRecord { Time = Start, Actor = $"a{i}", Action = "a", Outcome = AuditRecord.Ok })]);
}
