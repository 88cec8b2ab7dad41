using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace CloudPhone.Shared.Data;

/// <summary>Text that says nothing else has at most 512 characters; a column of type text is unbounded.</summary>
sealed class TextLengths : IModelFinalizingConvention
{
    const int Default = 512;

    public void ProcessModelFinalizing(
        IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var property in modelBuilder.Metadata.GetEntityTypes().SelectMany(e => e.GetDeclaredProperties()))
            if (property.ClrType == typeof(string) && property.GetMaxLength() is null
                && property.FindAnnotation("Relational:ColumnType") is null)
                property.Builder.HasMaxLength(Default);
    }
}
