using System.Text.Json.Nodes;

namespace Osc.Benchmarks.Clients;

/// <summary>Changes labels of a document as a program does that keeps everything else as it read it.</summary>
internal static class Labels
{
    /// <param name="document">JSON.</param>
    public static string In(string document, string key, string value)
    {
        var root = JsonNode.Parse(document) ?? throw new InvalidDataException("null instead of a document");
        var metadata = root["metadata"]?.AsObject() ?? throw new InvalidDataException("a document without metadata");
        var labels = metadata["labels"]?.AsObject() ?? [];
        labels[key] = value;
        metadata["labels"] = labels.DeepClone();
        return root.ToJsonString();
    }
}
