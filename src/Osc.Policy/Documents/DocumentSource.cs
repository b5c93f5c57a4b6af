using System.Globalization;

namespace Osc.Policy.Documents;

/// <summary>Where the parts of a document stand in the text that it was read from.</summary>
public sealed class DocumentSource
{
    private readonly SourceNode root;

    internal DocumentSource(SourceNode root) => this.root = root;

    /// <summary>Where the document begins.</summary>
    public SourcePosition Start => root.Position;

    /// <summary>Where a field's value stands; for a field that is not written, where the nearest field around it does.</summary>
    /// <param name="path">As in <see cref="DocumentError.Path"/>: "spec.rules[2].from[0]", "metadata.labels[app]".</param>
    public SourcePosition Locate(string path)
    {
        var node = root;
        foreach (var step in path.Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            var next = node switch
            {
                MappingNode mapping => mapping.Find(step.TrimEnd(']')),
                SequenceNode list when int.TryParse(step.TrimEnd(']'), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Items.Count
                    => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node.Position;
    }
}
