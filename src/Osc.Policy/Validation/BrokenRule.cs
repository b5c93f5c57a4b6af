namespace Osc.Policy.Validation;

/// <summary>A rule of its kind that a document breaks.</summary>
/// <param name="Path">The field: "spec.rules[2].chain".</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Allowed">What is allowed there; empty where the message already says it.</param>
public sealed record BrokenRule(string Path, string Message, string Allowed);
