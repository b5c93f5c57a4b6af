using System.Text;

namespace Osc.Policy.Documents;

/// <summary>Reads the documents of a file, or of all .yaml, .yml and .json files in a directory and the directories in it.</summary>
public static class DocumentDirectory
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>Reads files in the order of their names, which is the order of the errors too. What cannot be read is an error.</summary>
    public static ReadResult Read(string path)
    {
        if (File.Exists(path))
        {
            return ReadFile(path);
        }

        if (!Directory.Exists(path))
        {
            return Failed(path, "there is no such file or directory", "");
        }

        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = ReadLimits.Default.MaxDepth, IgnoreInaccessible = false };
        try
        {
            var files = Directory.EnumerateFiles(path, "*", options)
                .Where(f => Extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)
                .ToArray();
            return files.Length == 0 ? Failed(path, "there are no documents in it", "files that end in .yaml, .yml or .json") : ReadResult.Of(files.Select(ReadFile));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Failed(path, problem.Message, "");
        }
    }

    private static ReadResult ReadFile(string path)
    {
        try
        {
            var limit = ReadLimits.Default.MaxBytes;
            return new FileInfo(path).Length > limit
                ? Failed(path, "the file is too long", $"at most {limit} bytes")
                : DocumentReader.Read(File.ReadAllText(path, StrictUtf8), path);
        }
        catch (DecoderFallbackException)
        {
            return Failed(path, "the file is no UTF-8 text", "UTF-8");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Failed(path, problem.Message, "");
        }
    }

    private static ReadResult Failed(string path, string message, string allowed) =>
        new([], [new DocumentError(new SourcePosition(path, 0, 0), "", "", message, allowed)], DocumentSources.None);
}
