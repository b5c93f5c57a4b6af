using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Lab;

/// <summary>A change of one workload's label.</summary>
/// <param name="Value">null takes the label away.</param>
public sealed record LabelChange(QualifiedName Workload, string Label, string? Value)
{
    public override string ToString() => Value is null ? $"take the label '{Label}' away from {Workload}" : $"give {Workload} the label '{Label}: {Value}'";

    /// <summary>The workload's document after the change.</summary>
    /// <exception cref="LabException">There is no such workload.</exception>
    public WorkloadDocument Apply(DocumentSet documents)
    {
        var workload = documents.Find<WorkloadDocument>(Kind.Workload, Workload) ?? throw new LabException($"there is no workload {Workload}");
        var others = Labels.Of(workload.Metadata.Labels.Where(l => l.Key != Label));
        return workload with { Metadata = workload.Metadata with { Labels = Value is null ? others : others.With(Label, Value) } };
    }
}
