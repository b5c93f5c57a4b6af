using System.Formats.Tar;
using Osc.Lab;

namespace Osc.DriverDomain;

/// <summary>What the machine is made of, below build/xen: kept from one run to the next.</summary>
internal sealed class MachineFiles
{
    /// <summary>The size of the disk for what is tested is part of the machine, so it stays whatever is on it.</summary>
    private const long PayloadBytes = 64 << 20;

    private const UnixFileMode Program = (UnixFileMode)0b_111_101_101;

    private static readonly string Directory = System.IO.Directory.CreateDirectory(Path.Combine(PolicySet.Repository, "build", "xen")).FullName;

    private readonly string identity;

    private MachineFiles(string identity) => this.identity = identity;

    public string Boot { get; } = Path.Combine(Directory, "boot");

    public string Payload { get; } = Path.Combine(Directory, "payload.tar");

    public string Snapshot { get; } = Path.Combine(Directory, "snapshot", "state");

    public string Console { get; } = Path.Combine(Directory, "console.log");

    public string BusyBox { get; } = Path.Combine(Directory, "tree", "root", "bin", "busybox");

    public bool HasSnapshot => File.Exists(Snapshot) && File.Exists(SnapshotIdentity) && File.ReadAllText(SnapshotIdentity) == identity;

    private string SnapshotIdentity => Path.Combine(Directory, "snapshot", "made-from");

    /// <summary>Makes what is missing, from Debian's packages.</summary>
    /// <exception cref="LabException">It cannot be made; with the reason.</exception>
    public static async Task<MachineFiles> MakeAsync(CancellationToken cancellation)
    {
        using var build = Command.Start(Path.Combine(PolicySet.Repository, "integration", "xen", "build"), [Directory]);
        build.StandardInput.Close();
        var output = build.StandardOutput.ReadToEndAsync(cancellation);
        var error = await build.StandardError.ReadToEndAsync(cancellation);
        await build.WaitForExitAsync(cancellation);
        if (build.ExitCode != 0)
        {
            throw new LabException($"{error.Trim()} {(await output).Trim()}");
        }

        File.Delete(Path.Combine(Directory, "console.log"));
        return new($"{await File.ReadAllTextAsync(Path.Combine(Directory, "boot", "made-from"), cancellation)}{await Machine.IdentityAsync()}");
    }

    /// <summary>Writes the disk that the driver domain reads as a tar archive.</summary>
    /// <param name="files">Programs and scripts, from path inside to file here.</param>
    public async Task PackAsync(IReadOnlyDictionary<string, string> files, CancellationToken cancellation)
    {
        await using var stream = new FileStream(Payload, FileMode.Create);
        await using (var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (inside, here) in files)
            {
                await using var content = new FileStream(here, FileMode.Open, FileAccess.Read);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, inside) { DataStream = content, Mode = Program }, cancellation);
            }
        }

        if (stream.Length > PayloadBytes)
        {
            throw new LabException($"what is tested has {stream.Length} bytes, and the machine's disk for it {PayloadBytes}");
        }

        stream.SetLength(PayloadBytes);
    }

    /// <summary>Makes room for a new snapshot.</summary>
    public void ForgetSnapshot()
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Snapshot)!); // it is no root
        File.Delete(SnapshotIdentity);
    }

    /// <summary>Says that the snapshot is whole and whose it is.</summary>
    public void KeepSnapshot() => File.WriteAllText(SnapshotIdentity, identity);
}
