using System.Runtime.Versioning;
using System.Security.Cryptography;
using Osc.Audit.Checkpoints;
using Osc.Controller.Hosting;
using Osc.Store.Files;

namespace Osc.Controller.Audit;

/// <summary>The file with the keys that sign checkpoints of the audit log (<see cref="KeyRing"/>).</summary>
public static class KeyFile
{
    private const int OriginBytes = 8;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where it is unless the configuration says otherwise.</summary>
    public static string PathBeside(string store) => store + ".audit-key";

    /// <summary>Reads the keys, or makes the first one of a log that has none.</summary>
    /// <param name="path">The file; others may not read it.</param>
    /// <param name="wasSigned">Whether there are checkpoints, and so a key that signed them: none is made then.</param>
    /// <exception cref="StartupException">There is no good key.</exception>
    public static KeyRing Load(string path, bool wasSigned)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw Bad(path, "has to be kept from others by the permissions of Linux");
        }

        try
        {
            if (!File.Exists(path))
            {
                return wasSigned ? throw Bad(path, "is missing, and checkpoints were signed with its key: restore it, or make a new one with: osc audit new-key FILE") : Create(path);
            }

            return (File.GetUnixFileMode(path) & ~OwnerOnly) != 0 ? throw Bad(path, "may be read or written by others than its owner: chmod 600")
                : KeyRing.TryParse(File.ReadAllText(path), out var keys, out var error) ? keys
                : throw Bad(path, $"holds no keys: {error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad(path, $"cannot be used: {e.Message}");
        }
    }

    [SupportedOSPlatform("linux")]
    private static KeyRing Create(string path)
    {
        var keys = KeyRing.Create($"osc/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(OriginBytes))}");
        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var stream = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var text = new StreamWriter(stream))
        {
            text.Write(keys.Print());
            text.Flush();
            stream.Flush(flushToDisk: true);
        }

        DurableMove.Do(unfinished, path);
        return keys;
    }

    private static StartupException Bad(string path, string problem) => new(ExitCode.Usage, $"audit.keyFile: {path} {problem}");
}
