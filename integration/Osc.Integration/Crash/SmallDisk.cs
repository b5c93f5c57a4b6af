using System.Diagnostics;
using System.Globalization;
using Osc.Lab;

namespace Osc.Integration.Crash;

/// <summary>
/// A file system of some megabytes of memory, in a mount namespace of its own that goes with the lab: only programs that are started in it see it under
/// <see cref="Inside"/>, and the test sees it under <see cref="Outside"/>.
/// </summary>
internal sealed class SmallDisk
{
    private readonly LabSpace space;
    private readonly int holder;

    private SmallDisk(LabSpace space, int holder, string inside) => (this.space, this.holder, Inside) = (space, holder, inside);

    public string Inside { get; }

    public string Outside => string.Create(CultureInfo.InvariantCulture, $"/proc/{holder}/root{Inside}");

    private string Ballast => Path.Combine(Outside, "ballast");

    /// <summary>Bytes that are free.</summary>
    public long Free => new DriveInfo(Outside).AvailableFreeSpace;

    public static async Task<SmallDisk> MountAsync(LabSpace space, string name, int megabytes)
    {
        var inside = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, name)).FullName;
        var holder = space.Start("unshare", ["--mount", "sh", "-c", $"mount -t tmpfs -o size={megabytes}m none \"$1\" && echo mounted && exec sleep infinity", "sh", inside]);
        return await holder.StandardOutput.ReadLineAsync() == "mounted"
            ? new(space, holder.Id, inside)
            : throw new LabException($"no small disk: {await holder.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Starts a program that sees the disk.</summary>
    public Process Start(string program, params IEnumerable<string> arguments) =>
        space.Start("nsenter", [string.Create(CultureInfo.InvariantCulture, $"--mount=/proc/{holder}/ns/mnt"), program, .. arguments]);

    /// <summary>Fills it up to some bytes that are left, as far as others leave them.</summary>
    public void Fill(long left = 0)
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (Free > left)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full: what was to be.
        }
    }

    /// <summary>Takes all ballast away.</summary>
    public void MakeRoom() => File.Delete(Ballast);
}
